package main

import (
	"os"
	"slices"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// What the READMEs tell to type is what the program takes. What exec runs is a
// command of the tests in place of npm or pytest.
func TestReadmeCommands(t *testing.T) {
	t.Parallel()
	var typed int
	for _, file := range []string{"../../../README.md", "../../README.md"} {
		document, err := os.ReadFile(file)
		require.NoError(t, err)
		for line := range strings.Lines(string(document)) {
			line, _, _ = strings.Cut(line, " # ")
			words := strings.Fields(line)
			if len(words) < 2 || words[0] != "mockserver" {
				continue
			}
			typed++
			if command := slices.Index(words, "--"); words[1] == "exec" {
				code, said := running(t, words[2:command], "code", "7").start(t, 0).end(t)
				assert.Equal(t, 7, code, line)
				assert.Empty(t, said, line)
				continue
			}
			p := start(t, 1, append(words[1:], "--listen=127.0.0.1:0")...)
			require.NoError(t, p.cmd.Process.Signal(syscall.SIGTERM))
			code, _ := p.end(t)
			assert.Equal(t, 0, code, line)
		}
	}
	assert.Equal(t, 4, typed)
}
