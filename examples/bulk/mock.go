package main

import (
	"context"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"time"

	"github.com/keysmith-go/keysmith/keygen"
	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
)

// month is how long the licenses of the mock's policies are valid.
const month = 30 * day

// mock is the embedded vendor, which keeps its state in a file, so that a run can be
// stopped and gone on with there, too.
type mock struct {
	server *mockserver.Server
	path   string
}

// openMock begins where the file ends, and makes the policies that are not there.
func openMock(path string, policies []string) (*mock, error) {
	m := &mock{server: mockserver.New(), path: path}
	state, err := os.ReadFile(path)
	switch {
	case errors.Is(err, os.ErrNotExist):
	case err != nil:
		return nil, err
	default:
		if err := m.server.Restore(state); err != nil {
			return nil, fmt.Errorf("%s: %w", path, err)
		}
	}
	there := map[string]bool{}
	for _, policy := range m.server.Keygen().Default().Policies() {
		there[policy.ID] = true
	}
	for _, id := range policies {
		if !there[id] {
			m.server.Keygen().AddPolicy(keygenmock.Policy{ID: id, Duration: month})
		}
	}
	// Over a network, each call would take its time.
	m.server.Inject(mockserver.Fault{Op: keygenmock.OpCreateLicense, Do: mockserver.Latency(2 * time.Millisecond)})
	return m, nil
}

func (m *mock) config() keygen.Config {
	return keygen.Config{
		Account:    m.server.Keygen().Account(),
		Credential: keygen.Token(m.server.Keygen().Token()),
		HTTPClient: m.server.Client(),
	}
}

// save keeps the vendor's state.
func (m *mock) save(stderr io.Writer) {
	if err := os.WriteFile(m.path, m.server.Snapshot(), 0o600); err != nil {
		fmt.Fprintln(stderr, "bulk:", err)
	}
}

// policyOfDemonstration is what the orders of the demonstration ask for.
const policyOfDemonstration = "95981290-518b-4109-a611-c0001214b3c5"

// demonstrate shows a run that is stopped, that loses answers, and whose last lines
// never reach the disk; and how the next one goes on.
func demonstrate(ctx, stop context.Context, stdout, stderr io.Writer) int {
	folder, err := os.MkdirTemp("", "bulk-")
	if err != nil {
		fmt.Fprintln(stderr, "bulk:", err)
		return exitNothing
	}
	defer func() { _ = os.RemoveAll(folder) }()
	if err := story(ctx, stop, folder, stdout, stderr); err != nil {
		fmt.Fprintln(stderr, "bulk:", err)
		return exitStopped
	}
	return exitDone
}

func story(ctx, stop context.Context, folder string, stdout, stderr io.Writer) error {
	orders, err := inventOrders(filepath.Join(folder, "orders.csv"), 5000)
	if err != nil {
		return err
	}
	m, err := openMock(filepath.Join(folder, "mock.json"), policiesOf(orders))
	if err != nil {
		return err
	}
	licenses := filepath.Join(folder, "licenses.csv")
	run := func(stop context.Context) {
		code, err := issueFile(ctx, stop, m.config(), orders, licenses, 8, stdout, stderr)
		if err != nil || code != exitDone {
			fmt.Fprintf(stdout, "ended with %d: %v\n", code, err)
		}
	}

	fmt.Fprintln(stdout, "A run that loses three answers, and is stopped by Ctrl-C:")
	m.server.Inject(mockserver.Fault{
		Op: keygenmock.OpCreateLicense, Phase: mockserver.AfterCommit, Do: mockserver.ConnReset(), Skip: 1000, Times: 3,
	})
	halfway, interrupt := context.WithCancel(stop)
	defer interrupt()
	go func() {
		_ = m.server.AwaitCalls(halfway, len(orders)/2, keygenmock.OpCreateLicense)
		interrupt()
	}()
	run(halfway)
	if stop.Err() != nil {
		return errStopped // in earnest
	}

	fmt.Fprintln(stdout, "Had it crashed instead, its last lines might not have reached the disk:")
	if err := cutOff(licenses, 1000); err != nil {
		return err
	}
	run(stop)
	if stop.Err() != nil {
		return errStopped
	}

	fmt.Fprintln(stdout, "Once more:")
	run(stop)
	fmt.Fprintf(stdout, "By the vendor's ledger, %d licenses were created.\n", len(m.server.Effects("keygen."+keygenmock.EffectLicenseCreated)))
	return nil
}

// cutOff takes the last bytes of a file away.
func cutOff(path string, n int64) error {
	info, err := os.Stat(path)
	if err != nil {
		return err
	}
	return os.Truncate(path, info.Size()-n)
}

// inventOrders writes a file of orders, and reads it.
func inventOrders(path string, n int) ([]Order, error) {
	records := [][]string{{"order_id", "policy", "days"}}
	for i := range n {
		days := "" // as long as the policy says
		if i%10 == 0 {
			days = "365"
		}
		records = append(records, []string{strconv.Itoa(1001 + i), policyOfDemonstration, days})
	}
	file, err := os.Create(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	if err := csv.NewWriter(file).WriteAll(records); err != nil {
		return nil, err
	}
	return readOrdersFile(path)
}
