# Connects gdb to a recording and adds the commands when and goto.

# The program's files come from the recording, not from this machine.
set sysroot target:
# To find a moment, or to copy the process for a function call, may take a while.
set remotetimeout 100000
# Leaving a recording loses nothing, so there is nothing to ask.
define hook-quit
  set confirm off
end

# $_strlen is one of gdb's functions in Python: void in a gdb without it.
if $_isvoid($_strlen)
  echo hindsight: this gdb has no Python. Use "monitor when", and "monitor goto WHERE" with "reverse-stepi".\n
  target remote @ADDRESS@
else
python
import gdb

_WATCHPOINTS = (gdb.BP_WATCHPOINT, gdb.BP_HARDWARE_WATCHPOINT,
                gdb.BP_READ_WATCHPOINT, gdb.BP_ACCESS_WATCHPOINT)
_NOISE = ("Reading ", "warning: File transfers from remote targets",
          "Remote debugging using ")


def _monitor(command):
    with gdb.with_parameter("trace-commands", False):
        return gdb.execute("monitor " + command, to_string=True)


class _When(gdb.Command):
    """Show the present moment of the recording."""

    def __init__(self):
        super().__init__("when", gdb.COMMAND_STATUS)

    def invoke(self, arg, from_tty):
        gdb.write(_monitor("when"))  # gdb would take it for an error message


class _Goto(gdb.Command):
    """Go to a moment of the recording.
Usage: goto TICK | TICK:PC | N% | start | end"""

    def __init__(self):
        super().__init__("goto", gdb.COMMAND_RUNNING)

    def invoke(self, arg, from_tty):
        where = arg.strip()
        if not where:
            raise gdb.GdbError("Usage: goto TICK | TICK:PC | N% | start | end")
        _monitor("goto " + where)
        # gdb wants to see again the thread that it steps: the first one is
        # the main thread, which mostly exists wherever we go.
        min(gdb.selected_inferior().threads(), key=lambda t: t.num).switch()
        # Backwards: forwards, gdb may step off a breakpoint with all threads
        # but one locked, and not expect another one there.
        with gdb.with_parameter("suppress-cli-notifications", True):
            said = gdb.execute("reverse-stepi", to_string=True)
        _select_current()
        # On its way gdb would have noticed which libraries came and went.
        gdb.execute("sharedlibrary", to_string=True)
        complaints = [l for l in said.splitlines() if l.startswith("hindsight: ")]
        if complaints:
            raise gdb.GdbError("\n".join(complaints))
        _renew_watchpoints()
        gdb.execute("frame")
        gdb.execute("display")


def _select_current():
    inferior = gdb.selected_inferior()
    current = int(inferior.connection.send_packet("qC")[len("QC"):], 16)
    for thread in inferior.threads():
        if thread.ptid[1] == current:
            thread.switch()


def _renew_watchpoints():
    """Forget the values that watchpoints saw last: gdb ignores a hit that
    brings back the value of before the jump."""
    for point in gdb.breakpoints():
        if point.type in _WATCHPOINTS and point.enabled:
            try:
                point.enabled = False
                point.enabled = True
            except gdb.error as e:  # its variables do not exist here
                print("hindsight: watchpoint %d is disabled: %s" % (point.number, e))


class _Calls:
    """Discards what a called function changed as soon as nothing needs it any
    more: all that gdb shows from then on is the recording again. That is when
    a command is over that evaluates expressions, or else when the prompt is
    back. What the user set stays until the program moves."""

    def __init__(self):
        self._called = self._set = False
        gdb.events.inferior_call.connect(self._on_call)
        gdb.events.memory_changed.connect(self._on_set)
        gdb.events.register_changed.connect(self._on_set)
        gdb.events.cont.connect(self._on_move)
        gdb.events.before_prompt.connect(self.discard)

    def _on_call(self, event):
        self._called = True

    def _on_set(self, event):
        self._set = True

    def _on_move(self, event):
        if not self._called:
            self._set = False

    def discard(self):
        if not self._called:
            return
        self._called = False
        if not self._set:
            kept = _monitor("discard")
            gdb.execute("maintenance flush dcache", to_string=True)
            self._called = bool(kept)  # the program stopped in the function


def _connect(address, program):
    if gdb.parameter("debuginfod enabled") == "ask":
        gdb.execute("set debuginfod enabled off")
    said = gdb.execute("target remote " + address, to_string=True)
    for line in said.splitlines():
        if line and not line.startswith(_NOISE):
            print(line)
    if program and gdb.current_progspace().filename is None:
        gdb.execute("file target:" + program)


_When()
_Goto()
_calls = _Calls()
# These evaluate expressions. Being Python, what follows them is silent when
# commands are traced.
for command in "print", "call", "output", "printf":
    gdb.execute("define hookpost-%s\npython\n_calls.discard()\nend\nend" % command)
_connect(@ADDRESS_STRING@, @PROGRAM_STRING@)
end
end
