# SPDX-License-Identifier: BSD-2-Clause
"""A machine on QEMU with its GDB stub, and a debugger that stops it at an address; smmu-look comes after it."""

import os
import re
import signal
import socket
import subprocess
import threading
import time

import firmware

SUCCESS = re.compile(r"smmuv3_translate_success \S+ sid=(0x[0-9a-f]+) iova=(0x[0-9a-f]+) translated=(0x[0-9a-f]+)")


class Stub:
    """GDB's remote protocol, as far as a breakpoint needs it."""

    def __init__(self, path):
        self.socket = socket.socket(socket.AF_UNIX)
        self.socket.settimeout(firmware.LIMIT)
        until = time.time() + firmware.LIMIT
        while True:
            try:
                self.socket.connect(path)
                break
            except OSError:
                if time.time() > until:
                    raise
                time.sleep(0.1)
        self.data = b""

    def ask(self, text):
        self.socket.sendall(b"$%s#%02x" % (text.encode(), sum(text.encode()) & 0xFF))
        return self.next()

    def next(self):
        """The next packet, of what was asked or of a machine that stops."""
        while True:
            found = re.search(rb"\$([^#]*)#..", self.data)
            if found:
                self.data = self.data[found.end():]
                self.socket.sendall(b"+")
                return found[1].decode()
            more = self.socket.recv(65536)
            if not more:
                return ""
            self.data += more

    def write(self, address, data):
        self.ask("Qqemu.PhyMemMode:1")
        answer = self.ask(f"M{address:x},{len(data):x}:{data.hex()}")
        self.ask("Qqemu.PhyMemMode:0")
        return answer

    def close(self):
        """The machine stays as it is."""
        self.socket.close()


class Machine:
    """The runner's machine, stopped before its first instruction; `stub` is where its GDB stub listens."""

    def __init__(self, name, **environment):
        self.folder = firmware.work_folder(name)
        self.stub = os.path.join(self.folder, "gdb")
        self.trace = os.path.join(self.folder, "trace")
        extra = f"-S -chardev socket,id=look,path={self.stub},server=on,wait=off -gdb chardev:look -trace smmuv3_translate_success -D {self.trace}"
        inherited = {key: value for key, value in os.environ.items() if key in ("PATH", "HOME", "TMPDIR")}
        self.process = subprocess.Popen(
            [firmware.RUNNER, firmware.ELF],
            env={**inherited, "QEMU": firmware.qemu(), "TIMEOUT": str(firmware.LIMIT), "RUN_DIR": self.folder, "QEMU_EXTRA": extra, **{key: str(value) for key, value in environment.items()}},
            stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, start_new_session=True,
        )
        self.said = b""
        self.reader = threading.Thread(target=self.listen, daemon=True)
        self.reader.start()

    def listen(self):
        for line in self.process.stdout:
            self.said += line

    def run_to(self, function):
        """Whether the machine stopped at its beginning, where it stays."""
        stub = Stub(self.stub)
        stub.ask("qSupported")
        stub.ask(f"Z1,{firmware.symbols(firmware.ELF)[function]:x},4")
        stopped = stub.ask("c")
        stub.close()
        return stopped.startswith("T")

    def translated(self):
        """What QEMU's SMMUs have translated: {(stream, page): pages}; its lines do not tell the SMMUs apart."""
        found = {}
        with open(self.trace, encoding="ascii", errors="replace") as file:
            for sid, iova, pa in SUCCESS.findall(file.read()):
                found.setdefault((int(sid, 0), int(iova, 0) & ~0xFFF), set()).add(int(pa, 0) & ~0xFFF)
        return found

    def end(self):
        """Waits for the run's own end."""
        status = self.process.wait(timeout=firmware.LIMIT)
        self.reader.join()
        return firmware.Run(status, self.said.decode(errors="replace"))

    def stop(self):
        if self.process.poll() is None:
            os.killpg(self.process.pid, signal.SIGTERM)
            self.process.wait()
