package main

import (
	"os"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// The file is there with the whole URL before anybody is told by the first line.
func TestReadyFile(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	ready := filepath.Join(dir, "ready")
	require.NoError(t, os.WriteFile(ready, []byte("http://127.0.0.1:1\n"), 0o600), "from a server that was killed")
	p := start(t, 1, "--listen", "127.0.0.1:0", "--ready-file", ready)
	text, err := os.ReadFile(ready)
	require.NoError(t, err)
	assert.Equal(t, p.url(t)+"\n", string(text))
	assert.NotEmpty(t, health(t, p.url(t)))
	files, err := os.ReadDir(dir)
	require.NoError(t, err)
	assert.Len(t, files, 1, "no draft is left")
	info, err := files[0].Info()
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o644), info.Mode(), "others may read it")
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
	code, _ := p.end(t)
	assert.Equal(t, 0, code)
	assert.NoFileExists(t, ready)
}

func TestNoReadyFileWithoutAServer(t *testing.T) {
	t.Parallel()
	p := start(t, 1, "--listen", "127.0.0.1:0")
	dir := folder(t)
	ready := filepath.Join(dir, "ready")
	require.NoError(t, os.WriteFile(ready, nil, 0o600))
	r := play(nil, []string{"--listen", p.url(t)[len("http://"):], "--ready-file", ready})
	assert.Equal(t, exitFailed, r.code, "the address is taken")
	assert.NoFileExists(t, ready, "not even the old one")

	r = play(nil, []string{"--listen", "127.0.0.1:0", "--ready-file", filepath.Join(dir, "no", "ready")})
	assert.Equal(t, exitFailed, r.code)
	assert.Empty(t, r.stdout)
	assert.Contains(t, r.stderr, "mockserver: --ready-file: ")
}

// Whoever writes the same file later is ready for longer.
func TestTheReadyFileOfAnotherServerStays(t *testing.T) {
	t.Parallel()
	ready := filepath.Join(folder(t), "ready")
	p := start(t, 1, "--listen", "127.0.0.1:0", "--ready-file", ready)
	require.NoError(t, os.WriteFile(ready, []byte("http://127.0.0.1:1\n"), 0o600))
	require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
	code, _ := p.end(t)
	assert.Equal(t, 0, code)
	assert.FileExists(t, ready)
}
