package mockserver

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"time"

	"github.com/keysmith-go/keysmith/mockserver/internal/core"
)

// snapshotVersion is that of the documents that this package writes and reads. It
// changes with whatever a world keeps.
const snapshotVersion = 1

// snapshotFormat tells a snapshot from any other document.
const snapshotFormat = "keysmith mockserver snapshot"

// maxWorld bounds a whole world that comes over HTTP: a seed or a snapshot.
const maxWorld = 256 << 20

// snapshot is a whole server as a document.
type snapshot struct {
	Format  string                    `json:"format"`
	Version int                       `json:"version"`
	Clock   clockShown                `json:"clock"`
	Vendors map[string]vendorSnapshot `json:"vendors"`
}

// vendorSnapshot is one vendor's world.
type vendorSnapshot struct {
	Random []byte `json:"random"` // what will be drawn next
	State  any    `json:"state"`
}

// Snapshot takes down what the server is at this moment: the state of every
// vendor with its rate windows, the clock, and what will be drawn at random. The
// JSON document is for [Server.Restore] of the same version of this package, and
// for keeping as a file; it holds every key and credential. Journal, ledger,
// findings and faults are not in it, since they tell of the test and not of the
// vendors.
func (s *Server) Snapshot() []byte {
	text, err := json.Marshal(s.snapshot())
	if err != nil {
		panic("mockserver: a snapshot cannot be written: " + err.Error()) // worlds write plain data: cannot be
	}
	return text
}

func (s *Server) snapshot() snapshot {
	taken, states := s.takeDown()
	for i, v := range s.vendors {
		of := taken.Vendors[v.name]
		of.State = states[i]()
		taken.Vendors[v.name] = of
	}
	return taken
}

// takeDown looks at everything at one moment. What makes documents of the vendors'
// states takes its time, and nobody has to wait for it.
func (s *Server) takeDown() (taken snapshot, states []func() any) {
	s.mu.Lock()
	defer s.mu.Unlock()
	clock := s.clock.reading()
	taken = snapshot{snapshotFormat, snapshotVersion, clockShown{clock.now, clock.frozen}, map[string]vendorSnapshot{}}
	for _, v := range s.vendors {
		taken.Vendors[v.name] = vendorSnapshot{Random: v.rand.State()}
		states = append(states, v.world.Snapshot())
	}
	return taken, states
}

// Restore makes the server what it was at a [Server.Snapshot], its own or that of
// another server: the same requests then get the same answers. The clock runs on
// from the time of the snapshot, unless it was frozen. Journal, ledger, findings
// and faults stay as they are, and so do endpoints.
//
// A document of another version, or one that is none, is refused with an error
// that says so, and changes nothing.
func (s *Server) Restore(document []byte) error {
	read, err := readSnapshot(document)
	if err != nil {
		return fmt.Errorf("mockserver: Restore: %w", err)
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	if err := s.restore(read); err != nil {
		return fmt.Errorf("mockserver: Restore: %w", err)
	}
	return nil
}

// snapshotRead is a snapshot of which the vendors are yet to read their parts.
type snapshotRead struct {
	Format  string `json:"format"`
	Version int    `json:"version"`
	Clock   struct {
		Now    time.Time `json:"now"`
		Frozen bool      `json:"frozen"`
	} `json:"clock"`
	Vendors map[string]struct {
		Random []byte          `json:"random"`
		State  json.RawMessage `json:"state"`
	} `json:"vendors"`
}

func readSnapshot(document []byte) (read snapshotRead, err error) {
	var head struct {
		Format  string `json:"format"`
		Version int    `json:"version"`
	}
	switch err := json.Unmarshal(document, &head); {
	case err != nil:
		return read, fmt.Errorf("this is no snapshot: %w", core.Unreadable(err))
	case head.Format != snapshotFormat:
		return read, errors.New("this is no snapshot: its format is not " + snapshotFormat)
	case head.Version != snapshotVersion:
		return read, fmt.Errorf("the snapshot is of version %d, and this program reads version %d: take it again with the same version of the mock server", head.Version, snapshotVersion)
	}
	if err := json.Unmarshal(document, &read); err != nil {
		return read, fmt.Errorf("the snapshot is damaged: %w", core.Unreadable(err))
	}
	return read, checkTime(read.Clock.Now)
}

// restore puts everything in its place, or changes nothing. The lock is held.
func (s *Server) restore(read snapshotRead) error {
	if len(read.Vendors) != len(s.vendors) {
		return fmt.Errorf("the snapshot has %d vendors, and this server %d", len(read.Vendors), len(s.vendors))
	}
	var puts []func()
	for _, v := range s.vendors {
		part, found := read.Vendors[v.name]
		if !found {
			return fmt.Errorf("the snapshot has no %s", v.name)
		}
		put, err := v.restored(part.Random, part.State)
		if err != nil {
			return fmt.Errorf("the snapshot is damaged: %s: %w", v.name, err)
		}
		puts = append(puts, put)
	}
	undo := s.remember()
	for _, put := range puts {
		put()
	}
	for _, v := range s.vendors {
		if read.Clock.Frozen && v.limited() {
			undo()
			return fmt.Errorf("the clock is frozen and the rate limit of %s is on, which cannot be", v.name)
		}
	}
	s.clock.start(read.Clock.Now, read.Clock.Frozen)
	return nil
}

// restored returns what makes the vendor what it was.
func (v *vendor) restored(random []byte, state json.RawMessage) (put func(), err error) {
	drawn, err := core.RandAt(random)
	if err != nil {
		return nil, fmt.Errorf("random: %w", err)
	}
	putState, err := v.world.Restore(state)
	if err != nil {
		return nil, fmt.Errorf("state: %w", err)
	}
	return func() {
		v.rand = drawn
		putState()
	}, nil
}

// remember returns what makes every vendor again what it is now. The lock is held
// at both times.
func (s *Server) remember() (undo func()) {
	var puts []func()
	for _, v := range s.vendors {
		state, err := json.Marshal(v.world.Snapshot()())
		var put func()
		if err == nil {
			put, err = v.restored(v.rand.State(), state)
		}
		if err != nil {
			panic(fmt.Sprintf("mockserver: %s does not keep its own state: %v", v.name, err))
		}
		puts = append(puts, put)
	}
	return func() {
		for _, put := range puts {
			put()
		}
	}
}

func addSnapshot(add addRoute, s *Server) {
	add(http.MethodGet, "/snapshot", controlRoute{status: http.StatusOK, do: func(controlRequest) (any, error) { return s.snapshot(), nil }})
	add(http.MethodPut, "/snapshot", controlRoute{status: http.StatusNoContent, most: maxWorld, do: func(r controlRequest) (any, error) {
		read, err := readSnapshot(r.body)
		if err == nil {
			s.mu.Lock()
			defer s.mu.Unlock()
			err = s.restore(read)
		}
		if err != nil {
			return nil, &core.ControlError{Status: http.StatusUnprocessableEntity, Detail: err.Error()}
		}
		return nil, nil
	}})
}
