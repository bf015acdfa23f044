"""Files made by others are the ones that `vendor.lock.json` names, byte for byte."""

import hashlib
import json
from pathlib import Path

STATIC = Path(__file__).resolve().parents[2] / "static"
PACKAGES = json.loads((STATIC / "vendor" / "vendor.lock.json").read_text(encoding="utf-8"))["packages"]


def test_every_vendored_file_has_the_locked_sha256() -> None:
    for package in PACKAGES:
        for name, expected in package["files"].items():
            assert hashlib.sha256((STATIC / name).read_bytes()).hexdigest() == expected, name


def test_every_package_states_version_licence_and_integrity() -> None:
    for package in PACKAGES:
        assert package["version"]
        assert package["licence"]
        assert package["integrity"].startswith("sha512-")


def test_no_file_from_others_is_left_out_of_the_lock() -> None:
    locked = {name for package in PACKAGES for name in package["files"]}
    present = {
        f"{folder}/{path.name}"
        for folder in ("vendor", "fonts", "icons")
        for path in (STATIC / folder).iterdir()
        if path.name != "vendor.lock.json" and not path.name.startswith("s-")
    }
    assert present == locked
