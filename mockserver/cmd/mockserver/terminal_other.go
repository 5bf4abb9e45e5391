//go:build !(darwin || dragonfly || freebsd || linux || netbsd || openbsd)

package main

// inForeground is not known here.
func inForeground() bool { return false }
