package mockserver

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// SeedError is why a seed cannot be. Nothing of it has been made.
type SeedError struct {
	Pointer string // JSON pointer to the member at fault; empty: the seed as a whole
	Line    int    // of that member in the text, from 1; 0: not known
	Detail  string // what is wrong, and what to do
}

// Error says where the seed is at fault, and what is wrong.
func (e *SeedError) Error() string {
	if e.Line == 0 {
		return "seed: " + e.Detail
	}
	return fmt.Sprintf("seed, line %d: %s", e.Line, e.Detail)
}

// WithSeedJSON lets the server begin with what a seed describes; see
// [Server.SeedJSON]. [Server.Reset] comes back to it. A bad seed is misuse: check
// one that is not your own with SeedJSON on a server that is thrown away.
func WithSeedJSON(document []byte) Option {
	return func(c *config) {
		c.seeds = append(c.seeds, func(s *Server) error {
			if err := s.seedJSON(document); err != nil {
				return fmt.Errorf("WithSeedJSON: %w", err)
			}
			return nil
		})
	}
}

// SeedJSON adds what a seed describes to the vendors, the whole of it or, with an
// error of type [*SeedError], nothing. A seed is a JSON document with a member for
// each vendor; in that, settings, and under the name of each kind of objects a list
// of those to make, as POST below /__admin takes them one by one:
//
//	{"junkie": {
//	  "providers": [{"name": "shop"}],
//	  "keys": [
//	    {"provider": "shop", "value": "SHOP-FRESH", "validity": "30d"},
//	    {"provider": "shop", "value": "SHOP-EXPIRED", "validity": "1h", "createdAt": "-2h"}
//	  ]
//	}}
//
// Times are absolute or told as a distance from the virtual time, and an object
// refers to another by its id or by its name. The file seed.schema.json describes
// all of it; a YAML file of that shape is what the program takes.
func (s *Server) SeedJSON(document []byte) error {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.seedJSON(document)
}

func (s *Server) seedJSON(document []byte) error {
	_, err := s.sow(document)
	var refusal *core.ControlError
	if errors.As(err, &refusal) {
		return &SeedError{Pointer: refusal.Pointer, Line: lineOf(document, refusal.Pointer), Detail: refusal.Detail}
	}
	return err
}

// sow makes what a seed describes, and returns it as it then is. The lock is held.
func (s *Server) sow(document []byte) (made map[string]any, err error) {
	seed, err := core.ReadDocument(document)
	if err != nil {
		return nil, err
	}
	if err := seed.Knows(s.vendorNames()); err != nil {
		return nil, err
	}
	undo := s.remember()
	made = map[string]any{}
	var turns []func()
	for _, v := range s.vendors {
		if !seed.Has(v.name) {
			continue
		}
		turn := s.turn(v, seedOp)
		turns = append(turns, func() { s.enter(v, turn.Effects) })
		if made[v.name], err = v.sow(turn, seed.At(turn.Now)); err != nil {
			undo()
			return nil, err
		}
	}
	for _, enter := range turns {
		enter()
	}
	return made, nil
}

// seedOp is what the ledger names as the cause of what a seed made.
const seedOp = "seed"

// sow makes a vendor's part of a seed.
func (v *vendor) sow(t *core.Turn, seed core.Document) (made map[string]any, err error) {
	offered := v.control()
	part, err := seed.Object(v.name)
	if err != nil {
		return nil, err
	}
	known := []string{settingsName}
	for _, c := range offered.Collections {
		known = append(known, c.Name)
	}
	if err := part.Knows(known); err != nil {
		return nil, err
	}
	made = map[string]any{}
	if part.Has(settingsName) {
		if made[settingsName], err = settle(t, offered.Settings, part); err != nil {
			return nil, err
		}
	}
	for _, c := range offered.Collections {
		if part.Has(c.Name) {
			if made[c.Name], err = sowCollection(t, c, part); err != nil {
				return nil, err
			}
		}
	}
	return made, nil
}

func settle(t *core.Turn, settings core.Settings, part core.Document) (any, error) {
	if settings.Change == nil {
		return nil, part.Refuse(settingsName, "cannot be made: this vendor has none")
	}
	changes, err := part.Object(settingsName)
	if err == nil {
		err = settings.Change(t, changes)
	}
	if err != nil {
		return nil, err
	}
	return settings.Show(t), nil
}

func sowCollection(t *core.Turn, c core.Collection, part core.Document) ([]any, error) {
	objects, err := part.Objects(c.Name)
	if err != nil {
		return nil, err
	}
	if c.Create == nil {
		return nil, part.Refuse(c.Name, "cannot be made: they come about by themselves")
	}
	made := make([]any, 0, len(objects))
	for _, object := range objects {
		item, err := c.Create(t, object)
		if err != nil {
			return nil, err
		}
		made = append(made, item)
	}
	return made, nil
}

func addSeed(add addRoute, s *Server) {
	add(http.MethodPost, "/seed", controlRoute{status: http.StatusCreated, most: maxWorld, do: func(r controlRequest) (any, error) {
		s.mu.Lock()
		defer s.mu.Unlock()
		return s.sow(r.body)
	}})
}

// lineOf finds the line on which the value begins that a pointer leads to, or, if
// it leads to what is missing, that in which it is. It is 0 if nothing is known.
func lineOf(text []byte, pointer string) int {
	if !core.WellFormed(text) {
		return 0
	}
	dec := json.NewDecoder(bytes.NewReader(text))
	at := 0
	for _, step := range strings.Split(pointer, "/")[1:] {
		if !enter(dec, strings.NewReplacer("~1", "/", "~0", "~").Replace(step)) {
			break
		}
		at = int(dec.InputOffset())
	}
	at += len(text[at:]) - len(bytes.TrimLeft(text[at:], " \t\r\n,:"))
	return 1 + bytes.Count(text[:at], []byte("\n"))
}

// enter leads a decoder that is before a value to a part of it: a member of an
// object, or an item of a list by its number.
func enter(dec *json.Decoder, step string) bool {
	open, err := dec.Token()
	if err != nil {
		return false
	}
	for i := 0; dec.More(); i++ {
		name := strconv.Itoa(i)
		if open == json.Delim('{') {
			token, _ := dec.Token()
			name, _ = token.(string)
		}
		if name == step {
			return true
		}
		var skipped json.RawMessage
		if dec.Decode(&skipped) != nil {
			return false
		}
	}
	return false
}
