package main

import (
	"fmt"
	"os"
	"syscall"
	"testing"
	"unsafe"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// terminal opens a new one: the side of whoever sits at it, and that of the
// programs.
func terminal(t *testing.T) (user, programs *os.File) {
	t.Helper()
	user, err := os.OpenFile("/dev/ptmx", os.O_RDWR|syscall.O_NOCTTY, 0)
	require.NoError(t, err)
	t.Cleanup(func() { _ = user.Close() })
	var number, unlocked uint32
	for request, value := range map[uintptr]*uint32{syscall.TIOCGPTN: &number, syscall.TIOCSPTLCK: &unlocked} {
		_, _, errno := syscall.Syscall(syscall.SYS_IOCTL, user.Fd(), request, uintptr(unsafe.Pointer(value)))
		require.Zero(t, errno)
	}
	programs, err = os.OpenFile(fmt.Sprintf("/dev/pts/%d", number), os.O_RDWR|syscall.O_NOCTTY, 0)
	require.NoError(t, err)
	t.Cleanup(func() { _ = programs.Close() })
	return user, programs
}

// Whoever presses Ctrl-C means the program and what it runs, and a terminal tells
// both: what runs must not be told twice.
func TestCtrlCReachesTheCommandOnce(t *testing.T) {
	t.Parallel()
	user, programs := terminal(t)
	p := running(t, nil, "signals")
	p.cmd.Stdin = programs
	p.cmd.SysProcAttr = &syscall.SysProcAttr{Setsid: true, Setctty: true, Ctty: 0}
	p.start(t, 1)
	assert.Equal(t, "ready", p.lines[0])
	for range 3 {
		_, err := user.Write([]byte{3})
		require.NoError(t, err)
		assert.Equal(t, syscall.SIGINT.String(), p.line(t))
	}
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM), "which no terminal sends")
	code, rest := p.end(t)
	assert.Equal(t, 5, code)
	assert.Equal(t, syscall.SIGTERM.String()+"\n", rest, "and nothing else")
}
