package mockserver

import (
	"bytes"
	"encoding/json"
)

// scalar is a text or a number of a JSON document, or the name of a member.
type scalar struct {
	kind scalarKind
	name string // of the member whose value it is, or in whose list it is; a member's name has its own
	text string // decoded; a number as it is written
}

type scalarKind uint8

const (
	textValue scalarKind = iota
	numberValue
	memberName
)

// rewriteJSON returns a well-formed document with texts in place of those of its
// scalars that are to change, and all else as it was, to the blank.
func rewriteJSON(document []byte, change func(scalar) (text string, changed bool)) []byte {
	w := rewriter{out: make([]byte, 0, len(document)), change: change}
	for at := 0; at < len(document); {
		at += w.token(document[at:])
	}
	return w.out
}

// rewriter walks through a document.
type rewriter struct {
	out    []byte
	open   []container // that it is in
	change func(scalar) (string, bool)
}

// container is an object, or a list.
type container struct {
	object bool
	name   string // of the member it is at, or whose value the list is
	names  bool   // the next text is the name of a member
}

// token takes over what a document begins with, and returns its length.
func (w *rewriter) token(document []byte) int {
	in := &container{}
	if len(w.open) > 0 {
		in = &w.open[len(w.open)-1]
	}
	switch c := document[0]; {
	case c == '{':
		w.open = append(w.open, container{object: true, names: true})
	case c == '[':
		w.open = append(w.open, container{name: in.name})
	case c == '}', c == ']':
		w.open = w.open[:len(w.open)-1]
	case c == ',':
		in.names = in.object
	case c == '"':
		return w.text(in, document[:lengthOfText(document)])
	case c == '-', c >= '0' && c <= '9':
		raw := document[:len(document)-len(bytes.TrimLeft(document, "+-.0123456789eE"))]
		w.scalar(scalar{numberValue, in.name, string(raw)}, raw)
		return len(raw)
	}
	w.out = append(w.out, document[0])
	return 1
}

// text takes over a text with its quotes.
func (w *rewriter) text(in *container, raw []byte) int {
	var text string
	_ = json.Unmarshal(raw, &text) // the document is known to be well-formed
	kind := textValue
	if in.names {
		kind, in.names, in.name = memberName, false, text
	}
	w.scalar(scalar{kind, in.name, text}, raw)
	return len(raw)
}

func (w *rewriter) scalar(s scalar, raw []byte) {
	if text, changed := w.change(s); changed {
		raw, _ = json.Marshal(text) // a text can be written
	}
	w.out = append(w.out, raw...)
}

// lengthOfText returns how long the text is that a document begins with.
func lengthOfText(document []byte) int {
	at := 1
	for document[at] != '"' {
		if document[at] == '\\' {
			at++
		}
		at++
	}
	return at + 1
}
