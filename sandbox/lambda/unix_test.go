package lambda

import "golang.org/x/sys/unix"

// alive says whether a process of that id exists.
func alive(pid int) bool { return unix.Kill(pid, 0) == nil }
