package core

import (
	"bytes"
	"slices"
)

// Shown keeps how objects look in answers, so that those which have not changed are
// not written again. A text is found by everything that it is made of: a change of
// any of it asks for another text, and so none is ever out of date. K is a struct of
// pointers to what never changes, and of plain values.
type Shown[K comparable] struct {
	texts map[K][]byte
	size  int
}

// maxShown bounds what is kept of one world, in bytes. When it is reached, all of it
// makes room: what is asked for is soon there again.
const maxShown = 4 << 20

// shownExtra is about what it takes to keep a text, besides the text.
const shownExtra = 200

// Text returns what an object looks like. To write it is given nothing but the key,
// which thus cannot leave out anything.
func (s *Shown[K]) Text(key K, write func(K) []byte) []byte {
	if text, known := s.texts[key]; known {
		return text
	}
	text := write(key)
	if s.size += len(text) + shownExtra; s.texts == nil || s.size > maxShown {
		s.texts, s.size = map[K][]byte{}, len(text)+shownExtra
	}
	s.texts[key] = text
	return text
}

// Listing is the body of an answer that has a list of objects, which are written
// already and shared with other answers.
type Listing struct {
	before  string
	objects [][]byte
	after   []byte
}

// List answers with a document that has a list. before is the document as far as
// that, objects are written already, and so is rest, an object with the members that
// follow; nil: none do.
func List(status int, before string, objects [][]byte, rest []byte) Answer {
	list := &Listing{before, objects, []byte("]}")}
	if rest != nil {
		list.after = slices.Concat([]byte("],"), bytes.TrimPrefix(rest, []byte("{")))
	}
	return Answer{Status: status, Header: jsonHeader, List: list}
}

// Len is the length of the document.
func (l *Listing) Len() int {
	size := len(l.before) + len(l.after) + max(0, len(l.objects)-1)
	for _, object := range l.objects {
		size += len(object)
	}
	return size
}

// AppendTo adds the document to a text.
func (l *Listing) AppendTo(text []byte) []byte {
	if size := len(text) + l.Len(); cap(text) < size {
		text = append(make([]byte, 0, size), text...)
	}
	text = append(text, l.before...)
	for i, object := range l.objects {
		if i > 0 {
			text = append(text, ',')
		}
		text = append(text, object...)
	}
	return append(text, l.after...)
}
