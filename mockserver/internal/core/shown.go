package core

import (
	"bytes"
	"slices"
	"sync"
	"sync/atomic"
)

// Shown keeps how objects look in answers, so that those which have not changed are
// not written again. A text is found by everything that it is made of: a change of
// any of it asks for another text, and so none is ever out of date. K is a struct of
// pointers to what never changes, and of plain values. Reads that are served side by
// side share it.
type Shown[K comparable] struct {
	latest atomic.Pointer[shownList[K]]

	mu    sync.Mutex // guards what follows
	texts map[K]*Written
	size  int
}

// shownList is a list as it was shown. It never changes.
type shownList[K comparable] struct {
	keys  []K
	texts []*Written
}

// Written is an object as answers have it: JSON that nobody changes. Lists have many of
// them, and keep a pointer to each.
type Written struct{ JSON []byte }

// maxShown bounds what is kept of one world, in bytes. When it is reached, all of it
// makes room: what is asked for is soon there again.
const maxShown = 4 << 20

// shownExtra is about what it takes to keep a text, besides the text.
const shownExtra = 200

// Text returns what an object looks like. To write it is given nothing but the key,
// which thus cannot leave out anything.
func (s *Shown[K]) Text(key K, write func(K) []byte) *Written {
	s.mu.Lock()
	text := s.texts[key]
	s.mu.Unlock()
	if text == nil { // others need not wait while it is written
		text = &Written{write(key)}
		s.keep(key, text)
	}
	return text
}

// keep takes in a text, unless somebody else has been quicker.
func (s *Shown[K]) keep(key K, text *Written) {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.texts[key] != nil {
		return
	}
	size := len(text.JSON) + shownExtra
	if s.size += size; s.texts == nil || s.size > maxShown {
		s.texts, s.size = map[K]*Written{}, size
	}
	s.texts[key] = text
}

// Texts returns what the objects of a list look like, which must not be changed: a
// list that is asked for again, and has remained the same, is given the same texts.
// key returns the key of an object by its place, and may be asked again.
func (s *Shown[K]) Texts(n int, key func(i int) K, write func(K) []byte) []*Written {
	if latest := s.latest.Load(); latest.repeats(n, key) {
		return latest.texts
	}
	list := &shownList[K]{make([]K, n), make([]*Written, n)}
	for i := range n {
		list.keys[i] = key(i)
	}
	s.find(list)
	for i, text := range list.texts {
		if text == nil {
			list.texts[i] = s.Text(list.keys[i], write)
		}
	}
	s.latest.Store(list)
	return list.texts
}

// find fills in those texts of a list that are kept.
func (s *Shown[K]) find(list *shownList[K]) {
	s.mu.Lock()
	defer s.mu.Unlock()
	for i, key := range list.keys {
		list.texts[i] = s.texts[key]
	}
}

// repeats reports whether a list is this one again; nil is none.
func (l *shownList[K]) repeats(n int, key func(i int) K) bool {
	if l == nil || n != len(l.keys) {
		return false
	}
	for i, known := range l.keys {
		if key(i) != known {
			return false
		}
	}
	return true
}

// Forget makes everything as new.
func (s *Shown[K]) Forget() {
	s.latest.Store(nil)
	s.mu.Lock()
	defer s.mu.Unlock()
	s.texts, s.size = nil, 0
}

// Listing is the body of an answer that has a list of objects, which are written
// already and shared with other answers.
type Listing struct {
	before  []byte
	objects []*Written
	after   []byte
	size    int
}

// List answers with a document that has a list. before is the document as far as
// that, objects are written already, and so is rest, an object with the members that
// follow; nil: none do.
func List(status int, before string, objects []*Written, rest []byte) Answer {
	list := &Listing{before: []byte(before), objects: objects, after: []byte("]}")}
	if rest != nil {
		list.after = slices.Concat([]byte("],"), bytes.TrimPrefix(rest, []byte("{")))
	}
	list.size = len(list.before) + len(list.after) + max(0, len(objects)-1)
	for _, object := range objects {
		list.size += len(object.JSON)
	}
	return Answer{Status: status, Header: jsonHeader, List: list}
}

// Len is the length of the document.
func (l *Listing) Len() int { return l.size }

// AppendTo adds the document to a text.
func (l *Listing) AppendTo(text []byte) []byte {
	text = slices.Grow(text, l.Len())
	for i := 0; l.Part(i) != nil; i++ {
		text = append(text, l.Part(i)...)
	}
	return text
}

// Part is one of the parts that the document consists of, one after the other and
// none of them empty; nil: there are no more.
func (l *Listing) Part(i int) []byte {
	n := len(l.objects)
	switch {
	case i == 0:
		return l.before
	case i/2 < n && i%2 == 1:
		return l.objects[i/2].JSON
	case i/2 < n:
		return comma
	case i == max(1, 2*n):
		return l.after
	default:
		return nil
	}
}

var comma = []byte(",")
