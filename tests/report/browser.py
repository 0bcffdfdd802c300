"""A headless Chromium, driven by the WebDriver protocol: only what the tests need."""

import json
import socket
import subprocess
import time
import urllib.request
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

FLAGS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-sync",
]


class Browser:
    """One session; elements are found by CSS selectors."""

    def __init__(self, url: str) -> None:
        self._url = url

    def call(self, method: str, path: str, **body: object) -> Any:
        data = json.dumps(body).encode() if method == "POST" else None
        request = urllib.request.Request(self._url + path, data, method=method)
        with urllib.request.urlopen(request, timeout=300) as answer:
            return json.load(answer)["value"]

    def open(self, path: Path) -> None:
        self.call("POST", "/url", url=path.as_uri())
        # Until a page has been painted once, a browser drops the keys that are pressed.
        painted = "requestAnimationFrame(() => requestAnimationFrame(arguments[0]))"
        self.call("POST", "/execute/async", script=painted, args=[])

    def run(self, script: str, *args: object) -> Any:
        return self.call("POST", "/execute/sync", script=script, args=args)

    def text(self, selector: str) -> str:
        return str(self.run("return document.querySelector(arguments[0]).innerText", selector))

    def press(self, *keys: str) -> None:
        actions = [{"type": t, "value": k} for k in keys for t in ("keyDown", "keyUp")]
        self.call("POST", "/actions", actions=[{"type": "key", "id": "keys", "actions": actions}])

    def devtools(self, command: str, **params: object) -> Any:
        return self.call("POST", "/goog/cdp/execute", cmd=command, params=params)

    def log(self) -> list[dict[str, Any]]:
        entries: list[dict[str, Any]] = self.call("POST", "/se/log", type="browser")
        return entries


@contextmanager
def browser(driver: str, profile: Path) -> Iterator[Browser]:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    process = subprocess.Popen(
        [driver, f"--port={port}"], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    server = Browser(f"http://127.0.0.1:{port}")
    try:
        options = {"args": [*FLAGS, f"--user-data-dir={profile}", "--window-size=1400,900"]}
        wanted = {"goog:chromeOptions": options, "goog:loggingPrefs": {"browser": "ALL"}}
        for attempt in range(100):
            try:
                session = server.call("POST", "/session", capabilities={"alwaysMatch": wanted})
                break
            except OSError:
                if attempt == 99 or process.poll() is not None:
                    raise
                time.sleep(0.1)
        one = Browser(f"http://127.0.0.1:{port}/session/{session['sessionId']}")
        try:
            # Newer versions without a window have no focus, and tell a page of none.
            one.devtools("Emulation.setFocusEmulationEnabled", enabled=True)
            yield one
        finally:
            one.call("DELETE", "")
    finally:
        process.terminate()
        process.wait(timeout=120)
