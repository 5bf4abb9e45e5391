package main

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
)

// readyFile tells others that the server can be called, and where: it is there
// whole or not at all.
type readyFile struct {
	path string // empty: nobody waits for one
	text string
}

// clear removes what a server that was killed has left: it is ready no more.
func (f *readyFile) clear() error {
	if f.path == "" {
		return nil
	}
	switch at, err := os.Lstat(f.path); {
	case errors.Is(err, fs.ErrNotExist):
		return nil
	case err != nil:
		return err
	case !at.Mode().IsRegular():
		return fmt.Errorf("%s is there already, and is no file", f.path)
	}
	return os.Remove(f.path)
}

// write puts the file in its place.
func (f *readyFile) write(url string) error {
	if f.path == "" {
		return nil
	}
	f.text = url + "\n"
	draft, err := os.CreateTemp(filepath.Dir(f.path), "."+filepath.Base(f.path)+"-*")
	if err != nil {
		return err
	}
	_, err = draft.WriteString(f.text)
	err = errors.Join(err, draft.Chmod(0o644), draft.Close())
	if err == nil {
		err = os.Rename(draft.Name(), f.path)
	}
	if err != nil {
		_ = os.Remove(draft.Name())
	}
	return err
}

// remove takes the file away, unless it has become another server's.
func (f *readyFile) remove() {
	if f.text == "" {
		return
	}
	if text, err := os.ReadFile(f.path); err == nil && string(text) == f.text {
		_ = os.Remove(f.path)
	}
}
