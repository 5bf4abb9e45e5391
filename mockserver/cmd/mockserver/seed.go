package main

import (
	"encoding/json"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"go.yaml.in/yaml/v3"

	"github.com/keysmith-go/keysmith/mockserver"
)

// seedFile is a file that describes what the vendors have.
type seedFile struct {
	path     string
	document []byte                   // as the library takes it
	lineAt   func(pointer string) int // in the file; nil: the same as in the document
}

// demo is the name that stands for the built-in seed; a file of this name is
// ./demo.
const demo = "demo"

// readSeed reads a file in YAML, or in JSON if its name ends so.
func readSeed(path string) (*seedFile, error) {
	if path == demo {
		return &seedFile{path: path, document: mockserver.DemoSeed()}, nil
	}
	text, err := os.ReadFile(path)
	if err != nil {
		return nil, err
	}
	s := &seedFile{path: path, document: text}
	if strings.EqualFold(filepath.Ext(path), ".json") {
		return s, s.place(syntaxOf(text))
	}
	var root *yaml.Node
	if root, err = readYAML(text); err == nil {
		s.document, err = toJSON(root, len(text))
	}
	s.lineAt = func(pointer string) int { return lineAt(root, pointer) }
	return s, s.place(err)
}

// syntaxOf returns what keeps a text from being JSON.
func syntaxOf(text []byte) error {
	var document json.RawMessage
	err := json.Unmarshal(text, &document)
	if syntax := (*json.SyntaxError)(nil); errors.As(err, &syntax) {
		before := text[:min(int(syntax.Offset), len(text))]
		return &lineError{1 + strings.Count(string(before), "\n"), syntax.Error()}
	}
	return err
}

// place says where in the file something is wrong.
func (s *seedFile) place(err error) error {
	line, text := 0, ""
	var bad *lineError
	var refused *mockserver.SeedError
	switch {
	case err == nil:
		return nil
	case errors.As(err, &bad):
		line, text = bad.line, bad.text
	case errors.As(err, &refused):
		line, text = refused.Line, refused.Detail
		if s.lineAt != nil {
			line = s.lineAt(refused.Pointer)
		}
	default:
		text = err.Error()
	}
	if line == 0 {
		return fmt.Errorf("%s: %s", s.path, text)
	}
	return fmt.Errorf("%s:%d: %s", s.path, line, text)
}
