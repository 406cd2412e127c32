// The parts of Bootstrap Italia that our pages use. esbuild bundles them (tools/build_assets.py) into
// prevention/static/vendor/bootstrap-italia.js; the published bundle is ten times larger because it
// carries a video player. Each import wires itself to the `data-bs-*` attributes of the page.
import "bootstrap-italia/dist/plugins/accordion.js";
import "bootstrap-italia/dist/plugins/alert.js";
import "bootstrap-italia/dist/plugins/collapse.js";
import "bootstrap-italia/dist/plugins/dropdown.js";
import "bootstrap-italia/dist/plugins/navbar-collapsible.js";
import "bootstrap-italia/dist/plugins/tab.js";
import "bootstrap-italia/dist/plugins/track-focus.js";
