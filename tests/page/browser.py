# SPDX-License-Identifier: BSD-2-Clause
"""Headless Chromium by its own protocol over two pipes: opens a page, says what its console said, and evaluates expressions there."""

import base64
import json
import os
import select
import shutil
import subprocess
import tempfile
import time

FLAGS = (
    "--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
    "--disable-component-update", "--disable-sync", "--disable-dev-shm-usage", "--hide-scrollbars", "--remote-debugging-pipe",
)
SECONDS = 120


def program():
    return shutil.which("chromium")


class Browser:
    """`said` is what pages and the browser put on the console, `asked` is what was asked for beside the page itself."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="page-browser.")
        to_read, self.to = os.pipe()
        self.of, to_write = os.pipe()
        self.process = subprocess.Popen(
            ["sh", "-c", 'exec "$0" "$@" 3<&%d 4>&%d' % (to_read, to_write), program(), *FLAGS, f"--user-data-dir={self.folder}", "about:blank"],
            pass_fds=(to_read, to_write), stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL,
        )
        os.close(to_read)
        os.close(to_write)
        self.number, self.rest, self.said, self.asked, self.loaded, self.session = 0, b"", [], [], 0, None
        targets = self.call("Target.getTargets")["targetInfos"]
        page = next(each["targetId"] for each in targets if each["type"] == "page")
        self.session = self.call("Target.attachToTarget", targetId=page, flatten=True)["sessionId"]
        for domain in ("Page", "Runtime", "Log", "Network"):
            self.call(domain + ".enable")

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.process.kill()
        self.process.wait()
        os.close(self.to)
        os.close(self.of)
        shutil.rmtree(self.folder, ignore_errors=True)

    def message(self, until):
        while b"\0" not in self.rest:
            if not select.select([self.of], [], [], max(until - time.monotonic(), 0))[0]:
                raise TimeoutError(f"the browser says nothing for {SECONDS} s")
            read = os.read(self.of, 1 << 20)
            if not read:
                raise EOFError("the browser has ended")
            self.rest += read
        text, _, self.rest = self.rest.partition(b"\0")
        return json.loads(text)

    def noted(self, message):
        method, facts = message.get("method"), message.get("params", {})
        if method == "Runtime.exceptionThrown":
            self.said.append(str(facts["exceptionDetails"].get("text")))
        elif method == "Runtime.consoleAPICalled":
            self.said.append(f"{facts['type']}: {[each.get('value') for each in facts['args']]}")
        elif method == "Log.entryAdded":
            self.said.append(f"{facts['entry']['level']}: {facts['entry']['text']}")
        elif method == "Network.requestWillBeSent":
            self.asked.append(facts["request"]["url"])
        elif method == "Page.loadEventFired":
            self.loaded += 1
        elif method == "Page.javascriptDialogOpening":
            self.said.append(f"a dialog: {facts['message']}")
            self.send("Page.handleJavaScriptDialog", accept=True)

    def send(self, method, **facts):
        self.number += 1
        message = {"id": self.number, "method": method, "params": facts}
        if self.session:
            message["sessionId"] = self.session
        data = json.dumps(message).encode() + b"\0"
        while data:
            data = data[os.write(self.to, data[:65536]) :]
        return self.number

    def call(self, method, **facts):
        number, until = self.send(method, **facts), time.monotonic() + SECONDS
        while True:
            message = self.message(until)
            if message.get("id") == number:
                if "error" in message:
                    raise RuntimeError(f"{method}: {message['error']['message']}")
                return message["result"]
            self.noted(message)

    def open(self, path):
        """Opens a file, and waits until it is loaded."""
        self.said, self.asked, self.loaded = [], [], 0
        self.call("Page.navigate", url="file://" + os.path.realpath(path))
        until = time.monotonic() + SECONDS
        while not self.loaded:
            self.noted(self.message(until))
        self.evaluate("document.fonts.ready.then(() => 1)")

    def evaluate(self, expression):
        """The value of an expression, or of the promise that it is."""
        result = self.call("Runtime.evaluate", expression=expression, returnByValue=True, awaitPromise=True)
        if "exceptionDetails" in result:
            raise RuntimeError(str(result["exceptionDetails"].get("exception", result["exceptionDetails"])))
        return result["result"].get("value")

    def emulate(self, width, height, media="", **features):
        self.call("Emulation.setDeviceMetricsOverride", width=width, height=height, deviceScaleFactor=1, mobile=width < 600)
        self.call("Emulation.setEmulatedMedia", media=media, features=[{"name": key.replace("_", "-"), "value": value} for key, value in features.items()])

    def picture(self, path):
        """A PNG of what is in the window."""
        with open(path, "wb") as file:
            file.write(base64.b64decode(self.call("Page.captureScreenshot")["data"]))

    def key(self, name, code):
        for kind in ("rawKeyDown", "keyUp"):
            self.call("Input.dispatchKeyEvent", type=kind, key=name, code=name, windowsVirtualKeyCode=code)
