package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"
)

// folder is one for the files of a test, where git overlooks it.
func folder(t *testing.T) string {
	t.Helper()
	cache := filepath.Join("..", "..", ".cache")
	require.NoError(t, os.MkdirAll(cache, 0o755))
	dir, err := os.MkdirTemp(cache, "bulk-")
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, os.RemoveAll(dir)) })
	return dir
}

func openOutput(t *testing.T, path string) *Output {
	t.Helper()
	output, err := OpenOutput(path)
	require.NoError(t, err)
	t.Cleanup(func() { output.Close() })
	return output
}

func write(t *testing.T, path, content string) {
	t.Helper()
	require.NoError(t, os.WriteFile(path, []byte(content), 0o600))
}

func contentOf(t *testing.T, path string) string {
	t.Helper()
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	return string(content)
}

var rows = []Issued{
	{OrderID: "1041", LicenseID: policyA, Key: "KEY-1", Expires: time.Date(2026, time.January, 31, 9, 0, 0, 0, time.UTC)},
	{OrderID: "1042, the second", LicenseID: policyB, Key: `KEY "2"`, Note: noteFound},
	{OrderID: "1043", LicenseID: "7e936a61-94ad-44d1-88ac-88da9f10eca7", Key: "KEY-3"},
}

const outputOfRows = `order_id,license_id,key,expires,note
1041,95981290-518b-4109-a611-c0001214b3c5,KEY-1,2026-01-31T09:00:00Z,
"1042, the second",6e936a61-94ad-44d1-88ac-88da9f10eca7,"KEY ""2""",,found
1043,7e936a61-94ad-44d1-88ac-88da9f10eca7,KEY-3,,
`

func TestOutput(t *testing.T) {
	t.Parallel()
	path := filepath.Join(folder(t), "licenses.csv")
	output := openOutput(t, path)
	require.NoError(t, output.Append(rows[:2]...))
	require.NoError(t, output.Append(rows[2]))
	assert.Equal(t, outputOfRows, contentOf(t, path))
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())

	for _, output := range []*Output{output, openOutput(t, path)} {
		for _, want := range rows {
			row, done := output.Row(want.OrderID)
			assert.True(t, done)
			assert.Equal(t, want, row)
		}
		_, done := output.Row("1044")
		assert.False(t, done)
	}
}

// Wherever the disk stopped writing, what Append had taken before is there, and the
// file goes on.
func TestOutputThatWasCutOff(t *testing.T) {
	t.Parallel()
	path := filepath.Join(folder(t), "licenses.csv")
	for n := range len(outputOfRows) + 1 {
		write(t, path, outputOfRows[:n])
		output := openOutput(t, path)
		whole := max(0, bytes.Count([]byte(outputOfRows[:n]), []byte("\n"))-1)
		for i, want := range rows {
			_, done := output.Row(want.OrderID)
			require.Equal(t, i < whole, done, "%d bytes", n)
		}
		require.NoError(t, output.Append(rows[whole:]...))
		require.Equal(t, outputOfRows, contentOf(t, path), "nothing is left of what was cut off")
		output.Close()
	}
}

// A line that makes no sense may be a license.
func TestOutputThatMakesNoSense(t *testing.T) {
	t.Parallel()
	path := filepath.Join(folder(t), "licenses.csv")
	for content, complaint := range map[string]string{
		"order_id,policy\n1,2\n":                            "this is no file that this program has written",
		outputOfRows + "1044\n":                             "wrong number of fields: mend it by hand",
		outputOfRows + "\"1044,x,y,,\n":                     "mend it by hand",
		outputOfRows + "1044,x,y,tomorrow,\n":               "row 4",
		outputOfRows + "1041," + policyB + ",OTHER-KEY,,\n": "row 4: order 1041 has another license in a row before",
	} {
		write(t, path, content)
		_, err := OpenOutput(path)
		require.ErrorContains(t, err, complaint)
		assert.Equal(t, content, contentOf(t, path))
	}
	write(t, path, outputOfRows+outputOfRows[bytes.IndexByte([]byte(outputOfRows), '\n')+1:])
	openOutput(t, path) // twice the same is no contradiction
}

// After a write that failed, nobody knows what is on the disk.
func TestOutputThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	path := filepath.Join(folder(t), "licenses.csv")
	write(t, path, outputOfRows)
	readOnly, err := os.Open(path)
	require.NoError(t, err)
	reader, pipe, err := os.Pipe() // takes what is written, and knows no Sync
	require.NoError(t, err)
	defer reader.Close()
	for name, file := range map[string]*os.File{"cannot be written": readOnly, "does not reach the disk": pipe} {
		output := openOutput(t, path)
		disk := output.file
		output.file = file
		next := Issued{OrderID: "1044"}
		require.ErrorContains(t, output.Append(next), "keys are written no more", name)
		file.Close()
		output.file = disk
		require.ErrorContains(t, output.Append(next), "keys are written no more", name)
		_, done := output.Row(next.OrderID)
		assert.False(t, done)
	}
	assert.Equal(t, outputOfRows, contentOf(t, path))
}
