package worldtest

import (
	"bytes"
	"encoding/json"
	"slices"
	"strconv"
)

// Graft returns a JSON document in which another value stands in the place of one of
// its values or names, which are counted from the beginning. A value such as "@12"
// is a copy of the one with that number; an empty one leaves the document as it is.
//
// A fuzzer that changes a document byte by byte mostly gets what is none. This way
// it stays one if the value is one.
func Graft(document []byte, which uint16, value []byte) []byte {
	found := values(document)
	if len(found) == 0 || len(value) == 0 {
		return document
	}
	if n, err := strconv.Atoi(string(value[1:])); value[0] == '@' && err == nil && n >= 0 {
		from := found[n%len(found)]
		value = document[from.begin:from.end]
	}
	at := found[int(which)%len(found)]
	return slices.Concat(document[:at.begin], value, document[at.end:])
}

// span is where something lies in a text.
type span struct{ begin, end int }

// values are all values and names of a document in the order in which they begin,
// up to where it is none.
func values(document []byte) (found []span) {
	dec := json.NewDecoder(bytes.NewReader(document))
	var open []int // values that have begun and not ended
	for {
		before := int(dec.InputOffset())
		token, err := dec.Token()
		if err != nil {
			return found
		}
		rest := document[before:]
		next := span{before + len(rest) - len(bytes.TrimLeft(rest, " \t\r\n,:")), int(dec.InputOffset())}
		switch token {
		case json.Delim('{'), json.Delim('['):
			open = append(open, len(found))
			found = append(found, next)
		case json.Delim('}'), json.Delim(']'):
			found[open[len(open)-1]].end = next.end
			open = open[:len(open)-1]
		default:
			found = append(found, next)
		}
	}
}
