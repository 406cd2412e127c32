// A pupil's blindly signed credential (RFC 9474): drawn, blinded and finished in the browser. esbuild bundles it
// (tools/build_assets.py) into prevention/static/vendor/survey-blind.js; survey-send.js loads that only once a pupil has
// begun, so that it is no part of the first load. The server's half is prevention/surveys/blind.py.
import { RSABSSA } from "@cloudflare/blindrsa-ts";

const MESSAGE_BYTES = 32;

function asText(bytes) {
  return btoa(String.fromCharCode(...bytes)).replace(/\+/g, "-").replace(/\//g, "_").replace(/=+$/, "");
}

function asBytes(text) {
  return Uint8Array.from(atob(text.replace(/-/g, "+").replace(/_/g, "/")), (sign) => sign.charCodeAt(0));
}

/* Draw a credential for a class's public key; `finish` takes the blinding off what the server signed. */
window.blindCredential = async function (modulus) {
  const suite = RSABSSA.SHA384.PSS.Randomized();
  const key = await crypto.subtle.importKey(
    "jwk",
    { kty: "RSA", e: "AQAB", n: modulus, alg: "PS384", ext: true },
    { name: "RSA-PSS", hash: "SHA-384" },
    true,
    ["verify"]
  );
  const credential = suite.prepare(crypto.getRandomValues(new Uint8Array(MESSAGE_BYTES)));
  const { blindedMsg, inv } = await suite.blind(key, credential);
  return {
    blinded: asText(blindedMsg),
    credential: asText(credential),
    finish: async (signature) => asText(await suite.finalize(key, credential, asBytes(signature), inv)),
  };
};
