#!/usr/bin/env python3
# SPDX-License-Identifier: EUPL-1.2
"""Runs a command inside the walls that a systemd unit asks for, where no systemd runs.

usage: under_unit.py [--user NAME] [--state FOLDER] UNIT COMMAND [ARGUMENT...]
       under_unit.py --calls UNIT

Reads the unit's [Service] and does as systemd 252 would: limits, namespaces and mounts, no capabilities, another user, filters of
system calls (the names of their sets come from systemd-analyze). A line of the unit that it does not know is an error, so that it
stays in step. What the machine does not let it do, such as mounts inside of a container, it says and leaves out. --user stands for
the unit's User=, --state for its StateDirectory=. --calls prints the system calls that SystemCallFilter= allows.
"""

import argparse
import ctypes
import errno
import os
import pwd
import resource
import stat
import subprocess
import sys

libc = ctypes.CDLL(None, use_errno=True)
seccomp = ctypes.CDLL("libseccomp.so.2", use_errno=True)
seccomp.seccomp_init.restype = ctypes.c_void_p
for function in (seccomp.seccomp_load, seccomp.seccomp_release, seccomp.seccomp_rule_add_array):
    function.argtypes = [ctypes.c_void_p] + ([ctypes.c_uint32, ctypes.c_int, ctypes.c_uint, ctypes.c_void_p] if "rule" in function.__name__ else [])

ALLOW, ERRNO = 0x7FFF0000, 0x00050000
LT, EQ, GT, MASKED = 2, 4, 6, 7
NEWNS, NEWUTS = 0x00020000, 0x04000000
NAMESPACES = (NEWNS, NEWUTS, 0x02000000, 0x08000000, 0x10000000, 0x20000000, 0x40000000)
RDONLY, NOSUID, NODEV, BIND, REC, SLAVE = 1, 2, 4, 4096, 16384, 1 << 19
MOUNT_SETATTR, AT_FDCWD, AT_RECURSIVE = 442, -100, 0x8000
PR_CAPBSET_DROP, PR_NO_NEW_PRIVS, PR_CAP_AMBIENT, AMBIENT_CLEAR = 24, 38, 47, 4
FAMILIES = {"AF_UNIX": 1, "AF_INET": 2, "AF_INET6": 10}
# About the service's life and its place among others, nothing that its processes would notice.
LIFE = {"Type", "NotifyAccess", "ExecStartPre", "ExecStart", "User", "Group", "StateDirectory", "StateDirectoryMode", "Restart", "RestartSec",
        "KillMode", "TimeoutStopSec", "OOMPolicy", "TasksMax", "RemoveIPC", "KeyringMode", "SystemCallArchitectures", "SystemCallErrorNumber"}


class Argument(ctypes.Structure):
    _fields_ = [("number", ctypes.c_uint), ("operator", ctypes.c_int), ("a", ctypes.c_uint64), ("b", ctypes.c_uint64)]


def checked(result):
    if result == -1:
        code = ctypes.get_errno()
        raise OSError(code, os.strerror(code))


# ---- The unit ----

def read_unit(path):
    """The values of each key of [Service], in order."""
    keys, section = {}, ""
    for line in open(path, encoding="utf-8"):
        line = line.strip()
        if line.startswith("["):
            section = line
        elif section == "[Service]" and line and line[0] not in "#;":
            key, _, value = line.partition("=")
            keys.setdefault(key, []).append(value)
    return keys


def call_sets():
    """The sets of system calls that systemd knows: name to what is in it, sets among it."""
    sets, name = {}, ""
    for line in subprocess.run(["systemd-analyze", "syscall-filter"], check=True, capture_output=True, text=True).stdout.splitlines():
        if line.startswith("@"):
            name = line.strip()
            sets[name] = []
        elif line.startswith("    ") and not line.strip().startswith("#"):
            sets[name].append(line.strip())
        elif line.startswith("#"):  # calls that belong to no set follow
            name = ""
            sets[name] = []
    return sets


def expand(sets, words):
    calls = set()
    for word in words:
        calls |= expand(sets, sets[word]) if word.startswith("@") else {word}
    return calls


def allowed_calls(sets, lines):
    """systemd.exec(5): the first line decides that it is a list of what may be; later ones add or take away."""
    if lines[0].startswith("~"):
        sys.exit("under_unit: SystemCallFilter= begins with what is forbidden")
    calls = expand(sets, ["@default"])
    for line in lines:
        if line.startswith("~"):
            calls -= expand(sets, line[1:].split())
        else:
            calls |= expand(sets, line.split())
    return calls


# ---- Filters of system calls ----

def number_of(call):
    return seccomp.seccomp_syscall_resolve_name(call.encode())


def load_filter(default, rules):
    """Rules are (action, call, (argument, operator, a, b)...). Calls of other machines are left out."""
    context = ctypes.c_void_p(seccomp.seccomp_init(default))
    for action, call, *conditions in rules:
        number = number_of(call)
        if number >= 0:
            array = (Argument * max(len(conditions), 1))(*(Argument(*c) for c in conditions))
            result = seccomp.seccomp_rule_add_array(context, action, number, len(conditions), ctypes.byref(array))
            if result != 0:
                sys.exit(f"under_unit: {call}: {os.strerror(-result)}")
    result = seccomp.seccomp_load(context)
    if result != 0:
        sys.exit(f"under_unit: the filter cannot be loaded: {os.strerror(-result)}")
    seccomp.seccomp_release(context)


def forbidden(calls, code=errno.EPERM):
    return [(ERRNO | code, call) for call in calls]


def special_bits():
    """RestrictSUIDSGID=: nothing is made, or made to be, of another user or group."""
    modes = {"chmod": 1, "fchmod": 1, "fchmodat": 2, "mkdir": 1, "mkdirat": 2, "mknod": 1, "mknodat": 2, "creat": 1, "open": 2, "openat": 3}
    for call, argument in modes.items():
        for bit in (stat.S_ISUID, stat.S_ISGID):
            made = [(argument - 1, MASKED, os.O_CREAT, os.O_CREAT)] if call.startswith("open") else []
            yield (ERRNO | errno.EPERM, call, *made, (argument, MASKED, bit, bit))
    yield (ERRNO | errno.ENOSYS, "openat2")


def filters(keys, sets):
    """Those that the unit asks for beside SystemCallFilter=."""
    def asked(key):
        return keys.get(key, ["no"])[-1] == "yes"
    deny = ERRNO | errno.EPERM
    writable_program = 6  # PROT_WRITE and PROT_EXEC
    if "RestrictAddressFamilies" in keys:
        known = sorted(FAMILIES[name] for line in keys["RestrictAddressFamilies"] for name in line.split())
        refuse = ERRNO | errno.EAFNOSUPPORT
        yield [(refuse, "socket", (0, LT, known[0], 0)), (refuse, "socket", (0, GT, known[-1], 0))] + [
            (refuse, "socket", (0, EQ, family, 0)) for family in range(known[0], known[-1]) if family not in known]
    if asked("RestrictNamespaces"):
        yield forbidden(["setns"]) + forbidden(["clone3"], errno.ENOSYS) + [
            (deny, call, (0, MASKED, flag, flag)) for call in ("clone", "unshare") for flag in NAMESPACES]
    if asked("RestrictRealtime"):
        yield [(deny, "sched_setscheduler", (1, EQ, policy, 0)) for policy in (1, 2, 6)]
    if asked("RestrictSUIDSGID"):
        yield list(special_bits())
    if asked("LockPersonality"):
        yield [(deny, "personality", (0, GT, 0, 0))]
    if asked("MemoryDenyWriteExecute"):
        yield [(deny, "mmap", (2, MASKED, writable_program, writable_program)), (deny, "mprotect", (2, MASKED, 4, 4)),
               (deny, "pkey_mprotect", (2, MASKED, 4, 4)), (deny, "shmat", (2, MASKED, 0o100000, 0o100000))]
    for key, calls in (("PrivateDevices", ["@raw-io"]), ("ProtectKernelModules", ["@module"]), ("ProtectKernelLogs", ["syslog"]),
                       ("ProtectHostname", ["sethostname", "setdomainname"])):
        if asked(key):
            yield forbidden(expand(sets, calls))


# ---- Namespaces and mounts ----

def mount(source, target, kind=None, flags=0, data=None):
    texts = [t.encode() if t is not None else None for t in (source, target, kind)]
    checked(libc.mount(*texts, ctypes.c_ulong(flags), data.encode() if data is not None else None))


def attributes(path, recursive, add=0, remove=0):
    """mount_setattr(2)"""
    wanted = (ctypes.c_uint64 * 4)(add, remove, 0, 0)
    checked(libc.syscall(ctypes.c_long(MOUNT_SETATTR), ctypes.c_int(AT_FDCWD), path.encode(), ctypes.c_uint(AT_RECURSIVE if recursive else 0),
                         ctypes.byref(wanted), ctypes.c_size_t(ctypes.sizeof(wanted))))


def hide(path):
    if os.path.isdir(path):
        mount("tmpfs", path, "tmpfs", RDONLY | NOSUID | NODEV, "mode=000,size=4k")


def system_is_read_only(state):
    if state:
        mount(state, state, None, BIND)
    for path in ("/dev", "/proc", "/sys"):
        mount(path, path, None, BIND | REC)
    attributes("/", True, add=RDONLY)
    for path in ("/dev", "/proc", "/sys"):
        attributes(path, True, remove=RDONLY)
    if state:
        attributes(state, False, remove=RDONLY)


def few_devices():
    new = "/run"  # which is read again afterwards
    mount("tmpfs", new, "tmpfs", NOSUID, "mode=755,size=1m")
    for name in ("null", "zero", "full", "random", "urandom", "tty"):
        open(f"{new}/{name}", "wb").close()
        mount(f"/dev/{name}", f"{new}/{name}", None, BIND)
    os.mkdir(f"{new}/shm")
    mount("/dev/shm", f"{new}/shm", None, BIND)
    mount(new, "/dev", None, BIND | REC)
    checked(libc.umount2(new.encode(), 2))


def own_proc(keys):
    options = [f"hidepid={keys[k][-1]}" for k in ("ProtectProc",) if k in keys] + [f"subset={keys[k][-1]}" for k in ("ProcSubset",) if k in keys]
    if options:
        mount("proc", "/proc", "proc", NOSUID | NODEV, ",".join(options))


def mounts(keys, state):
    """One step each; one that this machine refuses is said and left out."""
    def value(key):
        return keys.get(key, ["no"])[-1]
    steps = [
        ("ProtectHostname", "yes", lambda: checked(libc.unshare(NEWUTS))),
        ("ProtectSystem", "strict", lambda: system_is_read_only(state)),
        ("ProtectHome", "yes", lambda: [hide(path) for path in ("/home", "/root", "/run/user")]),
        ("PrivateTmp", "yes", lambda: [mount("tmpfs", path, "tmpfs", NOSUID | NODEV, "mode=1777") for path in ("/tmp", "/var/tmp")]),
        ("PrivateDevices", "yes", few_devices),
        ("ProcSubset", "pid", lambda: own_proc(keys)),
        ("ProtectKernelTunables", "yes", lambda: attributes("/sys", True, add=RDONLY)),
        ("ProtectKernelModules", "yes", lambda: hide("/usr/lib/modules")),
    ]
    try:
        checked(libc.unshare(NEWNS))
        mount(None, "/", None, REC | SLAVE)
    except OSError as error:
        print(f"# without mounts of its own: {error.strerror}", file=sys.stderr)
        return
    for key, wanted, step in steps:
        try:
            if value(key) == wanted:
                step()
        except OSError as error:
            print(f"# without {key}=: {error.strerror}", file=sys.stderr)


# ---- Rights ----

def set_limits(keys):
    for key, limit in (("LimitMEMLOCK", resource.RLIMIT_MEMLOCK), ("LimitNOFILE", resource.RLIMIT_NOFILE)):
        if key in keys:
            number = resource.RLIM_INFINITY if keys[key][-1] == "infinity" else int(keys[key][-1])
            try:
                resource.setrlimit(limit, (number, number))
            except ValueError:
                print(f"# without {key}=: more than the limit of who runs this", file=sys.stderr)
    os.umask(int(keys.get("UMask", ["0022"])[-1], 8))


def give_up_rights(user):
    if os.geteuid() == 0:
        for capability in range(64):
            libc.prctl(PR_CAPBSET_DROP, capability, 0, 0, 0)
        found = pwd.getpwnam(user)
        os.setgroups([])
        os.setresgid(found.pw_gid, found.pw_gid, found.pw_gid)
        os.setresuid(found.pw_uid, found.pw_uid, found.pw_uid)
    libc.prctl(PR_CAP_AMBIENT, AMBIENT_CLEAR, 0, 0, 0)
    checked(libc.prctl(PR_NO_NEW_PRIVS, 1, 0, 0, 0))


KNOWN = LIFE | {
    "LimitMEMLOCK", "LimitNOFILE", "UMask", "CapabilityBoundingSet", "AmbientCapabilities", "NoNewPrivileges", "ProtectSystem", "ProtectHome",
    "PrivateTmp", "PrivateDevices", "ProtectHostname", "ProtectKernelLogs", "ProtectKernelModules", "ProtectKernelTunables", "ProtectControlGroups",
    "ProtectProc", "ProcSubset", "RestrictAddressFamilies", "RestrictNamespaces", "RestrictRealtime", "RestrictSUIDSGID", "LockPersonality",
    "MemoryDenyWriteExecute", "SystemCallFilter"}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--user", default="nobody")
    parser.add_argument("--state", default="")
    parser.add_argument("--calls", action="store_true")
    parser.add_argument("unit")
    parser.add_argument("command", nargs=argparse.REMAINDER)
    arguments = parser.parse_args()
    keys = read_unit(arguments.unit)
    if unknown := sorted(set(keys) - KNOWN):
        sys.exit(f"under_unit: {arguments.unit}: not known here: {' '.join(unknown)}")
    sets = call_sets()
    calls = allowed_calls(sets, keys["SystemCallFilter"])
    if arguments.calls:
        print("\n".join(sorted(calls)))
        return
    others = list(filters(keys, sets))
    set_limits(keys)
    mounts(keys, arguments.state)
    give_up_rights(arguments.user)
    for rules in others:
        load_filter(ALLOW, rules)
    load_filter(ERRNO | errno.EPERM, [(ALLOW, call) for call in sorted(calls)])
    os.execvp(arguments.command[0], arguments.command)


if __name__ == "__main__":
    main()
