// Sending a file in pieces, with a client of the tus protocol that is kept by its authors. esbuild bundles it
// (tools/build_assets.py) into prevention/static/vendor/upload.js; prevention/static/resources.js wires it to a form.
// From its sources: what it publishes for old browsers is twice as large.
import { Upload } from "tus-js-client/lib/browser/index.js";

window.TusUpload = Upload;
