package main

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// A YAML file can grow by references to its own parts, but not to more than so
// many bytes, or so many times its length.
const (
	maxGrown  = 1 << 20
	maxGrowth = 16
)

// lineError is what is wrong with a file, and on which line; 0: not known.
type lineError struct {
	line int
	text string
}

// Error tells what is wrong, without the line.
func (e *lineError) Error() string { return e.text }

func badNode(n *yaml.Node, format string, args ...any) error {
	return &lineError{n.Line, fmt.Sprintf(format, args...)}
}

// readYAML reads the one document of a file; nil: there is none.
func readYAML(text []byte) (*yaml.Node, error) {
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	var document, next yaml.Node
	switch err := decoder.Decode(&document); {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, yamlError(err)
	}
	switch err := decoder.Decode(&next); {
	case err == nil:
		return nil, badNode(&next, "a second document begins, and only one is read")
	case !errors.Is(err, io.EOF):
		return nil, yamlError(err)
	}
	return document.Content[0], nil
}

// yamlError takes the line out of what the parser says, and what may be a key.
func yamlError(err error) error {
	longAnchor := regexp.MustCompile(`unknown anchor '.{8,}' referenced`) // which may be a key that begins with an asterisk
	text := strings.TrimPrefix(err.Error(), "yaml: ")
	text = longAnchor.ReplaceAllString(text, "unknown anchor referenced; put quotes around a text that begins with *")
	if place, what, found := strings.Cut(text, ": "); found {
		if line, err := strconv.Atoi(strings.TrimPrefix(place, "line ")); err == nil && strings.HasPrefix(place, "line ") {
			return &lineError{line, what}
		}
	}
	return &lineError{0, text}
}

// toJSON writes what a YAML document of a length says as JSON does. Times stay as they are
// written, and so do numbers, however long. What YAML reads as another number
// than it looks like is refused.
func toJSON(root *yaml.Node, length int) ([]byte, error) {
	w := &jsonWriter{most: max(maxGrown, maxGrowth*length)}
	if root == nil {
		return []byte("{}"), nil
	}
	if err := w.write(root); err != nil {
		return nil, err
	}
	return w.out.Bytes(), nil
}

type jsonWriter struct {
	out  bytes.Buffer
	most int
	open []*yaml.Node // references that are being followed
}

func (w *jsonWriter) write(n *yaml.Node) error {
	if w.out.Len() > w.most {
		return badNode(n, "the file grows beyond all bounds by its references")
	}
	switch n.Kind {
	case yaml.AliasNode:
		if slices.Contains(w.open, n) {
			return badNode(n, "*%s is a part of itself", n.Value)
		}
		w.open = append(w.open, n)
		defer func() { w.open = w.open[:len(w.open)-1] }()
		return w.write(n.Alias)
	case yaml.MappingNode:
		return w.mapping(n)
	case yaml.SequenceNode:
		for i, item := range n.Content {
			w.separate(i, '[')
			if err := w.write(item); err != nil {
				return err
			}
		}
		w.end(len(n.Content), "[]")
		return nil
	default:
		return w.scalar(n)
	}
}

func (w *jsonWriter) mapping(n *yaml.Node) error {
	members, err := membersOf(n)
	if err != nil {
		return err
	}
	for i, m := range members {
		w.separate(i, '{')
		w.text(m.key.Value)
		w.out.WriteByte(':')
		if err := w.write(m.value); err != nil {
			return err
		}
	}
	w.end(len(members), "{}")
	return nil
}

// separate writes what stands before the item of a number.
func (w *jsonWriter) separate(i int, open byte) {
	if i == 0 {
		w.out.WriteByte(open)
	} else {
		w.out.WriteByte(',')
	}
}

// end writes what stands after the last of so many items.
func (w *jsonWriter) end(count int, brackets string) {
	if count == 0 {
		w.out.WriteString(brackets)
	} else {
		w.out.WriteByte(brackets[1])
	}
}

func (w *jsonWriter) text(text string) {
	quoted, _ := json.Marshal(text) // no text fails
	w.out.Write(quoted)
}

func (w *jsonWriter) scalar(n *yaml.Node) error {
	switch tag := n.ShortTag(); tag {
	case "!!str", "!!timestamp":
		if n.Style == 0 && isNumber(n.Value) { // too large for the parser
			w.out.WriteString(n.Value)
			return nil
		}
		w.text(n.Value)
	case "!!null":
		w.out.WriteString("null")
	case "!!bool":
		value := strings.ToLower(n.Value)
		if value != "true" && value != "false" { // a tag makes anything one
			return badNode(n, "%s is neither true nor false", shown(n))
		}
		w.out.WriteString(value)
	case "!!int", "!!float":
		if !isNumber(n.Value) {
			return badNode(n, "%s is no number as JSON writes it; put quotes around it if it is a text", shown(n))
		}
		w.out.WriteString(n.Value)
	default:
		return badNode(n, "the tag %s means nothing here", tag)
	}
	return nil
}

// shown is a value as a complaint about it names it. One that is long may be a key
// without quotes around it.
func shown(n *yaml.Node) string {
	const long = 8
	if len(n.Value) < long {
		return n.Value
	}
	return "this value"
}

// isNumber reports whether a text is a number as JSON writes it.
func isNumber(text string) bool {
	return json.Valid([]byte(text)) && strings.Trim(text[:1], "-0123456789") == ""
}

// member is one of a mapping.
type member struct{ key, value *yaml.Node }

// membersOf lists the members of a mapping.
func membersOf(n *yaml.Node) (members []member, err error) {
	known := map[string]*yaml.Node{}
	for i := 0; i < len(n.Content); i += 2 {
		key := n.Content[i]
		if key.Kind == yaml.AliasNode {
			key = key.Alias
		}
		if key.Kind != yaml.ScalarNode || key.ShortTag() == "!!null" {
			return nil, badNode(n.Content[i], "the name of a member must be a text")
		}
		if key.ShortTag() == "!!merge" {
			return nil, badNode(n.Content[i], "<< is not understood; write the members out, or refer to a whole value by *name")
		}
		if first := known[key.Value]; first != nil {
			return nil, badNode(n.Content[i], "%s is there already, on line %d", key.Value, first.Line)
		}
		known[key.Value] = n.Content[i]
		members = append(members, member{key, n.Content[i+1]})
	}
	return members, nil
}

// lineAt is the line of what a JSON pointer leads to, or of that in which it is
// missing. A member of a mapping begins with its name.
func lineAt(root *yaml.Node, pointer string) int {
	if root == nil {
		return 0
	}
	n, line := root, root.Line
	for _, step := range strings.Split(pointer, "/")[1:] {
		if n.Kind == yaml.AliasNode {
			n = n.Alias
		}
		next, at := part(n, strings.NewReplacer("~1", "/", "~0", "~").Replace(step))
		if next == nil {
			break
		}
		n, line = next, at
	}
	return line
}

// part is an item of a list or a member of a mapping, with its line; nil if there
// is none.
func part(n *yaml.Node, step string) (found *yaml.Node, line int) {
	if n.Kind == yaml.SequenceNode {
		if i, err := strconv.Atoi(step); err == nil && i >= 0 && i < len(n.Content) {
			return n.Content[i], n.Content[i].Line
		}
	}
	if n.Kind == yaml.MappingNode {
		members, _ := membersOf(n) // what was wrong with them has been told
		for _, m := range members {
			if m.key.Value == step {
				return m.value, m.key.Line
			}
		}
	}
	return nil, 0
}
