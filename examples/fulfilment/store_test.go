package main

import (
	"bytes"
	"os"
	"path/filepath"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
)

// folder is one for the files of a test, where git overlooks it.
func folder(t *testing.T) string {
	t.Helper()
	cache := filepath.Join("..", "..", ".cache")
	require.NoError(t, os.MkdirAll(cache, 0o755))
	dir, err := os.MkdirTemp(cache, "fulfilment-")
	require.NoError(t, err)
	t.Cleanup(func() { assert.NoError(t, os.RemoveAll(dir)) })
	return dir
}

func keyOf(policyID string) keygenmock.Key { return keygenmock.Key{PolicyID: policyID} }

func openJournal(t *testing.T, path string) *Journal {
	t.Helper()
	journal, err := OpenJournal(path)
	require.NoError(t, err)
	t.Cleanup(func() { journal.Close() })
	return journal
}

var (
	noon    = time.Date(2026, time.January, 1, 12, 0, 0, 0, time.UTC)
	selling = Record{Order: order, State: Selling, At: noon}
	sold    = Record{Order: order, State: Sold, At: noon.Add(time.Second), Key: "KEY-1", Note: "found again"}
	other   = Record{Order: Order{ID: "1043"}, State: Unsold, At: noon.Add(-time.Hour)}
)

func TestStores(t *testing.T) {
	t.Parallel()
	for name, store := range map[string]Store{
		"memory":  &Memory{},
		"journal": openJournal(t, filepath.Join(folder(t), "orders.jsonl")),
	} {
		t.Run(name, func(t *testing.T) {
			record, err := store.Get(t.Context(), order.ID)
			require.NoError(t, err)
			assert.Zero(t, record)
			for _, record := range []Record{selling, other, sold} {
				require.NoError(t, store.Put(t.Context(), record))
				kept, err := store.Get(t.Context(), record.Order.ID)
				require.NoError(t, err)
				assert.Equal(t, record, kept)
			}
			all, err := store.List(t.Context(), Unsold, Sold, Selling)
			require.NoError(t, err)
			assert.Equal(t, []Record{other, sold}, all, "the last of each order, the oldest first")
			open, err := store.List(t.Context(), Selling)
			require.NoError(t, err)
			assert.Empty(t, open)
		})
	}
}

// Wherever the disk stopped writing, what Put had taken before is there, and the
// journal goes on.
func TestAJournalThatWasCutOff(t *testing.T) {
	t.Parallel()
	path := filepath.Join(folder(t), "orders.jsonl")
	journal := openJournal(t, path)
	for _, record := range []Record{selling, other, sold} {
		require.NoError(t, journal.Put(t.Context(), record))
	}
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	info, err := os.Stat(path)
	require.NoError(t, err)
	assert.Equal(t, os.FileMode(0o600), info.Mode().Perm())
	assert.Equal(t, 3, bytes.Count(content, []byte("\n")))

	for n := range len(content) + 1 {
		if near := bytes.IndexByte(content[max(0, n-3):], '\n'); near > 6 && n%16 != 0 {
			continue // not near the end of a line; one of them will do for many
		}
		require.NoError(t, os.WriteFile(path, content[:n], 0o600))
		cut := openJournal(t, path)
		whole := bytes.Count(content[:n], []byte("\n"))
		got, err := cut.Get(t.Context(), order.ID)
		require.NoError(t, err)
		want := []Record{{}, selling, selling, sold}[whole]
		require.Equal(t, want, got, "%d bytes", n)
		short := Record{Order: Order{ID: "1"}, State: Sold}
		require.NoError(t, cut.Put(t.Context(), short))
		again := openJournal(t, path)
		for _, want := range []Record{want, short} {
			got, err := again.Get(t.Context(), want.Order.ID)
			require.NoError(t, err)
			require.Equal(t, want, got)
		}
	}
}

// A line that makes no sense may be a key that was sold.
func TestAJournalWithABadLine(t *testing.T) {
	t.Parallel()
	path := filepath.Join(folder(t), "orders.jsonl")
	require.NoError(t, openJournal(t, path).Put(t.Context(), sold))
	content, err := os.ReadFile(path)
	require.NoError(t, err)
	for _, bad := range []string{"{\"order\": {\"id\"\n", "{}\n", "null\n", "\x00\x00\x00\n"} {
		require.NoError(t, os.WriteFile(path, append([]byte(bad), content...), 0o600))
		_, err = OpenJournal(path)
		require.ErrorContains(t, err, "line 1 is no record")
		require.NoError(t, os.WriteFile(path, append(bytes.Clone(content), bad...), 0o600))
		_, err = OpenJournal(path)
		require.ErrorContains(t, err, "line 2 is no record")
	}
}

// After a write that failed, nobody knows what is on the disk.
func TestAJournalThatCannotBeWritten(t *testing.T) {
	t.Parallel()
	path := filepath.Join(folder(t), "orders.jsonl")
	require.NoError(t, openJournal(t, path).Put(t.Context(), selling))
	readOnly, err := os.Open(path)
	require.NoError(t, err)
	reader, pipe, err := os.Pipe() // takes what is written, and knows no Sync
	require.NoError(t, err)
	for name, file := range map[string]*os.File{"cannot be written": readOnly, "does not reach the disk": pipe} {
		t.Run(name, func(t *testing.T) {
			journal := openJournal(t, path)
			disk := journal.file
			journal.file = file
			require.ErrorContains(t, journal.Put(t.Context(), sold), "the journal is written no more")
			journal.file.Close()
			journal.file = disk
			require.ErrorContains(t, journal.Put(t.Context(), sold), "the journal is written no more")
			record, err := journal.Get(t.Context(), order.ID)
			require.NoError(t, err)
			assert.Equal(t, selling, record)
		})
	}
	reader.Close()
}
