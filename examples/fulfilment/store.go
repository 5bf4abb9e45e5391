package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"sync"
)

// Memory is a Store that forgets everything with the program: for tests.
type Memory struct {
	mu      sync.Mutex
	records map[string]Record
}

// Get returns the record of an order.
func (m *Memory) Get(_ context.Context, orderID string) (Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	return m.records[orderID], nil
}

// Put keeps a record in place of the order's last one.
func (m *Memory) Put(_ context.Context, record Record) error {
	m.mu.Lock()
	defer m.mu.Unlock()
	if m.records == nil {
		m.records = map[string]Record{}
	}
	m.records[record.Order.ID] = record
	return nil
}

// List returns the records in these states, the oldest first.
func (m *Memory) List(_ context.Context, states ...State) ([]Record, error) {
	m.mu.Lock()
	defer m.mu.Unlock()
	var list []Record
	for _, record := range m.records {
		if slices.Contains(states, record.State) {
			list = append(list, record)
		}
	}
	slices.SortFunc(list, func(a, b Record) int {
		return cmp.Or(a.At.Compare(b.At), cmp.Compare(a.Order.ID, b.Order.ID))
	})
	return list, nil
}

// Journal is a Store in a file, which only ever grows: one line for each Put, on
// the disk before Put returns. One program at a time can have it open.
type Journal struct {
	Memory // what the lines say
	mu     sync.Mutex
	file   *os.File
	broken error // why nothing is written any more
}

// OpenJournal reads a journal, or begins one. It is as private as the keys in it.
func OpenJournal(path string) (*Journal, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	j := &Journal{file: file}
	if err := j.read(); err != nil {
		file.Close()
		return nil, fmt.Errorf("journal %s: %w", path, err)
	}
	if folder, err := os.Open(filepath.Dir(path)); err == nil {
		_ = folder.Sync() // the file's name is on the disk, too; not every system can do that
		folder.Close()
	}
	return j, nil
}

// read takes in all lines. One that has no end was being written when the program
// died, and its Put never returned: it is cut off. Any other line that makes no
// sense is an error, since to overlook it could mean to sell twice.
func (j *Journal) read() error {
	content, err := io.ReadAll(j.file)
	if err != nil {
		return err
	}
	whole := bytes.LastIndexByte(content, '\n') + 1
	for n, line := range bytes.Split(content[:whole], []byte("\n")) {
		if len(line) == 0 {
			continue
		}
		var record Record
		if err := json.Unmarshal(line, &record); err != nil || record.Order.ID == "" || record.State == "" {
			return fmt.Errorf("line %d is no record: %w", n+1, errors.Join(err, errors.New("mend it by hand before you sell on")))
		}
		if err := j.Memory.Put(context.Background(), record); err != nil {
			return err
		}
	}
	if err := j.file.Truncate(int64(whole)); err != nil {
		return err
	}
	_, err = j.file.Seek(int64(whole), io.SeekStart)
	return err
}

// Put appends a record. After a failure nobody knows what is on the disk, so that
// every later Put fails, too: open the journal again, when the disk is well.
func (j *Journal) Put(ctx context.Context, record Record) error {
	line, err := json.Marshal(record)
	if err != nil {
		return err
	}
	j.mu.Lock()
	defer j.mu.Unlock()
	if j.broken != nil {
		return j.broken
	}
	if _, err = j.file.Write(append(line, '\n')); err == nil {
		err = j.file.Sync()
	}
	if err != nil {
		j.broken = fmt.Errorf("the journal is written no more: %w", err)
		return j.broken
	}
	return j.Memory.Put(ctx, record)
}

// Close closes the file.
func (j *Journal) Close() error { return j.file.Close() }
