package main

import (
	"bytes"
	"context"
	"encoding/csv"
	"os"
	"path/filepath"
	"regexp"
	"strings"
	"syscall"
	"testing"

	"github.com/stretchr/testify/assert"
	"github.com/stretchr/testify/require"

	"github.com/keysmith-go/keysmith/mockserver"
	"github.com/keysmith-go/keysmith/mockserver/keygenmock"
)

// call runs the program, and returns its exit code and what it has printed.
func call(signals <-chan os.Signal, args ...string) (code int, stdout, stderr string) {
	var out, complaints bytes.Buffer
	code = program(args, &out, &complaints, signals)
	return code, out.String(), complaints.String()
}

// What the program prints without arguments, and README.md shows.
func TestDemonstration(t *testing.T) {
	t.Parallel()
	code, stdout, _ := call(nil)
	assert.Equal(t, exitDone, code)
	readme := contentOf(t, "README.md")
	_, shown, found := strings.Cut(readme, "```text\n")
	require.True(t, found)
	shown, _, _ = strings.Cut(shown, "```")
	assert.Equal(t, withoutNumbers(shown), withoutNumbers(stdout))
	assert.Contains(t, stdout, "By the vendor's ledger, 5000 licenses were created.")
	assert.Contains(t, stdout, "5000 orders: 5000 had a license, 0 issued, 0 found, 0 failed, 0 left")
}

// withoutNumbers leaves out where the run was when it was stopped.
func withoutNumbers(text string) string {
	return regexp.MustCompile(`\d+ (had|issued|found|left)`).ReplaceAllString(text, "N $1")
}

// The README's Go is that of the program.
func TestReadme(t *testing.T) {
	t.Parallel()
	blocks := strings.Split(contentOf(t, "README.md"), "```go\n")[1:]
	require.NotEmpty(t, blocks)
	source := contentOf(t, "orders.go") + contentOf(t, "issue.go")
	for _, block := range blocks {
		block, _, _ = strings.Cut(block, "```")
		assert.Contains(t, source, strings.TrimSpace(block))
	}
}

func TestCommandLine(t *testing.T) {
	t.Parallel()
	for name, c := range map[string]struct {
		args      []string
		code      int
		complaint string
	}{
		"help":         {[]string{"--help"}, exitDone, ""},
		"one file":     {[]string{"orders.csv"}, exitNothing, "two files are needed"},
		"three files":  {[]string{"a", "b", "c"}, exitNothing, "unexpected argument c"},
		"a wrong flag": {[]string{"--no-such"}, exitNothing, "unknown flag --no-such"},
		"no workers":   {[]string{"--workers", "0", "a", "b"}, exitNothing, "--workers is 1 to 64"},
		"no such file": {[]string{"no-such.csv", "b"}, exitNothing, "no-such.csv"},
		"a bad mock":   {[]string{"--mock", "main.go", "testdata/orders.csv", "b"}, exitNothing, "main.go"},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			code, stdout, stderr := call(nil, c.args...)
			assert.Equal(t, c.code, code)
			assert.Contains(t, stderr, c.complaint)
			assert.Equal(t, c.code == exitDone, strings.Contains(stdout, "Usage: bulk"))
		})
	}
}

// seller is the program in earnest, with the mock in the vendor's place and a real
// network.
type seller struct {
	*testing.T
	server                     *mockserver.Server
	orders, licenses, failures string
}

func newSeller(t *testing.T) *seller {
	t.Helper()
	server := mockserver.RunT(t)
	vendor, err := server.Listen("127.0.0.1:0")
	require.NoError(t, err)
	server.Keygen().AddPolicy(keygenmock.Policy{ID: policyA})
	t.Setenv("KEYGEN_ACCOUNT", server.Keygen().Account())
	t.Setenv("KEYGEN_TOKEN", server.Keygen().Token())
	t.Setenv("KEYGEN_BASE_URL", vendor.Keygen())
	dir := folder(t)
	return &seller{t, server, filepath.Join(dir, "orders.csv"), filepath.Join(dir, "licenses.csv"), filepath.Join(dir, "licenses.failed.csv")}
}

func TestInEarnest(t *testing.T) {
	s := newSeller(t)
	taken := s.server.Keygen().AddLicense(keygenmock.License{PolicyID: policyA})
	write(t, s.orders, "order_id,policy,key\n1041,"+policyA+",\n1042,"+policyA+","+taken.Key+"\n1043,"+policyA+",OWN-KEY-1\n")
	code, stdout, stderr := call(nil, s.orders, s.licenses)
	assert.Equal(t, exitFailed, code, stderr)
	assert.Equal(t, "3 orders: 0 had a license, 2 issued, 0 found, 1 failed, 0 left\nwhat failed, and what to do, is in "+s.failures+"\n", stdout)
	failed, err := csv.NewReader(strings.NewReader(contentOf(t, s.failures))).ReadAll()
	require.NoError(t, err)
	require.Len(t, failed, 2)
	assert.Equal(t, []string{"line", "order_id", "failure", "what_to_do"}, failed[0])
	assert.Equal(t, []string{"3", "1042"}, failed[1][:2])
	assert.Contains(t, failed[1][2], "KEY_TAKEN")
	assert.Contains(t, failed[1][3], "give the row another one")
	assert.NotContains(t, stdout+stderr+contentOf(t, s.failures), taken.Key)

	write(t, s.orders, "order_id,policy,key\n1041,"+policyA+",\n1042,"+policyA+",\n1043,"+policyA+",OWN-KEY-1\n")
	code, stdout, _ = call(nil, s.orders, s.licenses)
	assert.Equal(t, exitDone, code)
	assert.Equal(t, "3 orders: 2 had a license, 1 issued, 0 found, 0 failed, 0 left\n", stdout)
	assert.NoFileExists(t, s.failures, "nothing failed any more")
	s.server.AssertEffects(t, 1+3, created)
	assert.Equal(t, 4, strings.Count(contentOf(t, s.licenses), "\n"))
}

// Whatever is wrong with orders or settings is told before anything is issued.
func TestNothingIsIssued(t *testing.T) {
	s := newSeller(t)
	signing := s.server.Keygen().AddPolicy(keygenmock.Policy{Attributes: map[string]any{"scheme": "ED25519_SIGN"}}).ID
	good := "order_id,policy\n1041," + policyA + "\n"
	for name, c := range map[string]struct {
		orders, variable string
		complaints       []string
	}{
		"bad rows": {good + "1041," + policyA + "\n1042,none\n", "", []string{
			s.orders + ":3:1: order_id is the same as in line 2", s.orders + ":4:6: policy",
		}},
		"no such policy": {good + "1042," + policyB + "\n1043," + policyB + "\n", "", []string{
			"there is no policy " + policyB + ", which 2 orders ask for, the first in line 3",
		}},
		"a policy that changes keys": {"order_id,policy,key\n1041," + signing + ",OWN-KEY\n", "", []string{"policy " + signing + " signs or encrypts its keys"}},
		"no token":                   {good, "KEYGEN_TOKEN", []string{"Credential"}},
		"no account":                 {good, "KEYGEN_ACCOUNT", []string{"Account"}},
		"a wrong token":              {good, "KEYGEN_TOKEN=admin-0000v3", []string{"TOKEN_INVALID"}},
	} {
		t.Run(name, func(t *testing.T) {
			if c.variable != "" {
				name, value, _ := strings.Cut(c.variable, "=")
				t.Setenv(name, value)
			}
			write(t, s.orders, c.orders)
			code, stdout, stderr := call(nil, s.orders, s.licenses)
			assert.Equal(t, exitNothing, code)
			assert.Empty(t, stdout)
			for _, complaint := range c.complaints {
				assert.Contains(t, stderr, complaint)
			}
			assert.NoFileExists(t, s.licenses)
		})
	}
	s.server.AssertCalls(t, 0, keygenmock.OpCreateLicense)
}

// A file of licenses that has another account's is not gone on with.
func TestAFileOfAnotherAccount(t *testing.T) {
	s := newSeller(t)
	write(t, s.orders, "order_id,policy\n1041,"+policyA+"\n")
	write(t, s.licenses, outputOfRows)
	code, _, stderr := call(nil, s.orders, s.licenses)
	assert.Equal(t, exitNothing, code)
	assert.Contains(t, stderr, "order 1041 has the license "+policyA)
	s.server.AssertEffects(t, 0, created)
}

func TestInterrupted(t *testing.T) {
	s := newSeller(t)
	slow := s.server.Inject(mockserver.Fault{Op: keygenmock.OpCreateLicense, Do: mockserver.Hang()})
	rows := "order_id,policy\n"
	for _, id := range []string{"1041", "1042", "1043"} {
		rows += id + "," + policyA + "\n"
	}
	write(t, s.orders, rows)
	signals := make(chan os.Signal)
	go func() {
		_ = s.server.AwaitCalls(t.Context(), 2, keygenmock.OpGetPolicy, keygenmock.OpListLicenses)
		for range 2 {
			signals <- syscall.SIGINT
		}
	}()
	code, stdout, stderr := call(signals, "--workers", "1", s.orders, s.licenses)
	assert.Equal(t, exitStopped, code)
	assert.Equal(t, "3 orders: 0 had a license, 0 issued, 0 found, 0 failed, 3 left\n", stdout)
	assert.Contains(t, stderr, "finishing the calls under way; again stops at once")
	assert.Contains(t, stderr, "run this again")
	slow.Remove()
	code, _, _ = call(nil, s.orders, s.licenses)
	assert.Equal(t, exitDone, code)
	s.server.AssertEffects(t, 3, created)
}

// The first signal lets calls go on, the second does not.
func TestTwoSteps(t *testing.T) {
	t.Parallel()
	signals := make(chan os.Signal)
	ctx, stop, done := twoSteps(signals, &bytes.Buffer{})
	defer done()
	require.NoError(t, stop.Err())
	signals <- syscall.SIGTERM
	<-stop.Done()
	require.NoError(t, ctx.Err())
	signals <- syscall.SIGTERM
	<-ctx.Done()
	require.ErrorIs(t, ctx.Err(), context.Canceled)
}

// At the mock, a run can be gone on with as well.
func TestMock(t *testing.T) {
	t.Parallel()
	dir := folder(t)
	file := func(name string) string { return filepath.Join(dir, name) }
	for n, want := range []string{"2 orders: 0 had a license, 2 issued", "3 orders: 2 had a license, 1 issued", "3 orders: 0 had a license, 0 issued, 3 found"} {
		rows := "order_id,policy,days\n1041," + policyA + ",\n1042," + policyB + ",7\n"
		if n > 0 {
			rows += "1043," + policyA + ",\n"
		}
		if n == 2 {
			require.NoError(t, os.Remove(file("licenses.csv")))
		}
		write(t, file("orders.csv"), rows)
		code, stdout, stderr := call(nil, "--mock", file("mock.json"), file("orders.csv"), file("licenses.csv"))
		assert.Equal(t, exitDone, code, stderr)
		assert.Contains(t, stdout, want)
	}
}

// On a terminal there is a bar; in a log, a line for each tenth.
func TestProgress(t *testing.T) {
	t.Parallel()
	var log bytes.Buffer
	progress, end := newProgress(&log, false, 200, 30)
	for range 17 {
		progress(10)
	}
	end()
	assert.Equal(t, "40 of 200\n60 of 200\n80 of 200\n100 of 200\n120 of 200\n140 of 200\n160 of 200\n180 of 200\n200 of 200\n", log.String())

	var screen bytes.Buffer
	progress, end = newProgress(&screen, true, 200, 30)
	progress(170)
	end()
	assert.Contains(t, screen.String(), "licenses 100% ")
	assert.Contains(t, screen.String(), "(200/200")
	assert.False(t, isTerminal(&screen))
}

// Whoever reads the file of failures is told what to do.
func TestFailures(t *testing.T) {
	t.Parallel()
	path := filepath.Join(folder(t), "licenses.failed.csv")
	write(t, path, "of the run before")
	failures, err := NewFailures(path)
	require.NoError(t, err)
	assert.NoFileExists(t, path)
	require.NoError(t, failures.Append(Order{Line: 7, ID: "10,42"}, errMidway))
	require.NoError(t, failures.Append(Order{Line: 9, ID: "1043"}, errForeign))
	require.NoError(t, failures.Close())
	assert.Equal(t, `line,order_id,failure,what_to_do
7,"10,42","the vendor's answer was lost, and no license is found so far",Run this again: it looks for the license before it issues one.
9,1043,the order has another license already,"If this is another order, give it an order_id of its own; if it is the same, there is nothing to do: take its row out."
`, contentOf(t, path))
}
