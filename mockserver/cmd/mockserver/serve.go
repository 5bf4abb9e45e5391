package main

import (
	"errors"
	"fmt"
	"net"
	"os"
	"strings"
	"time"

	"github.com/keysmith-go/keysmith/mockserver"
)

// serve answers until a signal comes.
func (p process) serve(t *told) int {
	m, err := p.open(t, t.Serve.Settings)
	if err != nil {
		return p.fail(err)
	}
	fmt.Fprintf(p.stdout, "mockserver listening on %s\njunkie   %s\nkeycrate %s\nkeygen   %s\nluaprot  %s\n",
		m.endpoint.URL, m.endpoint.Junkie(), m.endpoint.Keycrate(), m.endpoint.Keygen(), m.endpoint.LuaProt())
	<-p.signals
	impatient, err := p.close(m)
	switch {
	case impatient != nil:
		return signalCode(impatient)
	case err != nil:
		return p.fail(err)
	default:
		return p.judge(m, t.Serve.Settings)
	}
}

// judge is the exit code of a run in which nothing else was wrong.
func (p process) judge(m *mock, s settings) int {
	if !s.Strict {
		return 0
	}
	complaints := m.server.Complaints()
	for _, text := range complaints {
		fmt.Fprintln(p.stderr, "mockserver: strict:", text)
	}
	if len(complaints) > 0 {
		return exitStrict
	}
	return 0
}

// close ends the service once the answers in flight are out, or a signal says
// that there has been enough waiting.
func (p process) close(m *mock) (impatient os.Signal, err error) {
	defer m.ready.remove()
	closed := make(chan error, 1)
	go func() { closed <- m.server.Close() }()
	select {
	case err = <-closed:
	case impatient = <-p.signals:
	}
	return impatient, err
}

// mock is a server in service.
type mock struct {
	server   *mockserver.Server
	endpoint *mockserver.Endpoint
	ready    readyFile
}

// open puts a server into service, as far as nothing stands against it.
func (p process) open(t *told, s settings) (*mock, error) {
	options, err := t.options(s)
	if err != nil {
		return nil, err
	}
	options = append(options, mockserver.WithLogger(s.logger(p.stderr)))
	m := &mock{server: mockserver.New(options...), ready: readyFile{path: s.ReadyFile}}
	for _, spec := range s.Fault {
		if _, err := m.server.InjectSpec(spec); err != nil {
			return nil, t.refuse("fault", err)
		}
	}
	if err := m.ready.clear(); err != nil {
		return nil, t.refuse("ready-file", err)
	}
	m.endpoint, err = m.server.Listen(s.Listen)
	if network := (*net.OpError)(nil); errors.As(err, &network) {
		return nil, t.blame("listen", err)
	} else if err != nil {
		return nil, t.refuse("listen", err)
	}
	if err := m.ready.write(m.endpoint.URL); err != nil {
		return nil, errors.Join(t.blame("ready-file", err), m.server.Close())
	}
	return m, nil
}

// options makes the server's options of the settings.
func (t *told) options(s settings) ([]mockserver.Option, error) {
	limited := s.RateLimits == "documented"
	if limited && s.Frozen {
		return nil, t.refuse("rate-limits", errors.New("the clock is frozen, so that no rate limit would ever recover"))
	}
	var options []mockserver.Option
	for _, setting := range []struct {
		flag   string
		given  bool
		option mockserver.Option
	}{
		{"time", s.Time != moment{}, mockserver.WithStart(time.Time(s.Time))},
		{"frozen", s.Frozen, mockserver.WithFrozenClock()},
		{"random-seed", true, mockserver.WithRandomSeed(s.RandomSeed)},
		{"journal", true, mockserver.WithJournal(s.Journal)},
		{"rate-limits", limited, mockserver.WithDocumentedRateLimits()},
		{"allow-host", true, mockserver.WithAllowedHosts(s.AllowHost...)},
		{"admin-token", s.AdminToken != "", mockserver.WithAdminToken(s.AdminToken)},
	} {
		if !setting.given {
			continue
		}
		if err := setting.option.Check(); err != nil {
			_, why, _ := strings.Cut(err.Error(), ": ") // the flag's name stands for the option's
			return nil, t.refuse(setting.flag, errors.New(why))
		}
		options = append(options, setting.option)
	}
	if s.Seed == "" {
		return options, nil
	}
	seed, err := readSeed(s.Seed)
	if err == nil { // a bad one must not get as far as the server
		err = seed.place(mockserver.New(options...).SeedJSON(seed.document))
	}
	if err != nil {
		return nil, t.refuse("seed", err)
	}
	return append(options, mockserver.WithSeedJSON(seed.document)), nil
}

// blame says which flag or variable an error comes from.
func (t *told) blame(flag string, err error) error {
	return fmt.Errorf("%s: %s", t.from(flag), strings.TrimPrefix(err.Error(), "mockserver: "))
}

// refuse says which flag or variable has a value that cannot be.
func (t *told) refuse(flag string, err error) error { return usageError{t.blame(flag, err)} }
