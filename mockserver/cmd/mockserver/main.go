// Command mockserver runs the emulator of this module for programs in any
// language:
//
//	$ mockserver
//	mockserver listening on http://127.0.0.1:5397
//	junkie   http://127.0.0.1:5397/api/v2
//	keycrate http://127.0.0.1:5397
//	keygen   http://127.0.0.1:5397/v1
//	luaprot  http://127.0.0.1:5397
//
// The first line is meant to be read by programs: with --listen 127.0.0.1:0 it
// tells which port was free. A client takes a vendor's URL in place of the
// vendor's own. Below /__admin lies the control plane, with which a program sets
// the stage and looks behind the curtain.
//
// # Around another program
//
// exec serves as long as another program runs, which need not know anything of
// this one. It finds the base URLs and the credentials of all vendors in its
// environment, as [mockserver.Endpoint.Environ] lists them, and has the standard
// streams to itself:
//
//	$ mockserver exec -- npm test
//	$ mockserver exec --frozen -- sh -c 'curl -H "Authorization: Bearer $JUNKIE_API_KEY" $JUNKIE_BASE_URL/keys'
//
// The port is a free one. SIGINT, SIGTERM and SIGHUP are passed on, except for
// SIGINT and SIGHUP while the program runs in the foreground of a terminal: there
// the terminal, whose Ctrl-C it mostly is, sends them to everybody.
//
// # In a container
//
// health asks a server whether it is well, for a health check. With --listen
// 0.0.0.0:5397 other containers reach the server. Since whoever reaches an emulator
// may do everything with it, such an address needs --admin-token: then the control
// plane answers only requests that have "Authorization: Bearer" with the token. The
// vendors' own paths stay as open as they are. The control plane is called by an IP
// address, or by a name that --allow-host has; any other Host is answered 403,
// since it may be that of a web page which had it resolve to this machine.
//
//	$ export MOCKSERVER_LISTEN=0.0.0.0:5397 MOCKSERVER_ADMIN_TOKEN=$(openssl rand -hex 16)
//	$ mockserver --allow-host mock &
//	$ mockserver health
//
// # Flags
//
// mockserver --help lists them; see there for the clock, seeds, faults, rate limits
// and what else there is. Every flag has a twin in the environment, such as
// MOCKSERVER_READY_FILE for --ready-file; the flag decides where there are both, and
// an empty variable is none. A fault is written in a line, as
// [mockserver.Server.InjectSpec] describes it. A seed is what
// [mockserver.Server.SeedJSON] takes, in JSON or in YAML:
//
//	junkie:
//	  providers:
//	  - name: shop
//	  keys:
//	  - {provider: shop, value: SHOP-FRESH, validity: 30d}
//	  - {provider: shop, value: SHOP-EXPIRED, validity: 1h, createdAt: -2h}
//
// What is wrong with it is told with the file and the line.
//
// # The end
//
// SIGINT, SIGTERM and SIGHUP end the server once the answers in flight are out, and
// a second one at once. The exit code is 0 then, 2 for a bad flag or variable, and
// 1 for any other failure, such as an address that is taken. exec has the code of
// its command: 126 and 127 if that could not be run, and 128 with the number of the
// signal if one has ended it, as shells have it.
//
// With --strict the code is 3 instead of 0 where [mockserver.Server.Complaints] has
// something to say: that a caller sent what the vendor silently ignores, such as a
// misspelt parameter, or that a fault never fired. The standard error has the list;
// the log, which goes there as well, has told of the former when it happened.
//
// # Memory
//
// It takes about 14 MB to begin with, and under load three times what is kept at the
// most: GOGC is 200 unless the environment has another one.
package main

import (
	"errors"
	"fmt"
	"io"
	"os"
	"os/signal"
	"runtime/debug"
	"syscall"
)

// Exit codes.
const (
	exitFailed = 1
	exitUsage  = 2
	exitStrict = 3
	exitSignal = 128 // and the number of the signal
)

func main() {
	collectLess()
	os.Exit(process{
		args: os.Args[1:], environ: os.Environ(),
		stdin: os.Stdin, stdout: os.Stdout, stderr: os.Stderr,
		signals: caught(),
	}.run())
}

// gcPercent is how much garbage there may be to what is kept, in percent. By Go's own
// 100 the collector takes a tenth of the time under load; what is kept is mostly the
// journal, some 20 MB, so that this takes as much again at worst.
const gcPercent = 200

// collectLess makes the garbage collector run less often, unless the environment says
// how often it is to run.
func collectLess() {
	if os.Getenv("GOGC") == "" {
		debug.SetGCPercent(gcPercent)
	}
}

// process is what the program has of its surroundings.
type process struct {
	args, environ  []string
	stdin          io.Reader
	stdout, stderr io.Writer
	signals        <-chan os.Signal
}

// caught delivers the signals that end the program. Whoever started it by nohup
// wants it to outlive the terminal.
func caught() <-chan os.Signal {
	signals := make(chan os.Signal, 8)
	signal.Notify(signals, os.Interrupt, syscall.SIGTERM)
	if !signal.Ignored(syscall.SIGHUP) {
		signal.Notify(signals, syscall.SIGHUP)
	}
	return signals
}

// run does what the command line says, and returns the exit code.
func (p process) run() int {
	t, err := parse(p.args, environment(p.environ), p.stdout, p.stderr)
	if err != nil {
		return p.fail(usageError{fmt.Errorf("%w; see mockserver --help", err)})
	}
	switch t.command {
	case "serve":
		return p.serve(t)
	case "exec":
		return p.exec(t)
	case "health":
		return p.health(t)
	default: // help or version has been shown
		return 0
	}
}

// usageError is what the user can mend on the command line or in the environment.
type usageError struct{ error }

// Unwrap returns what is wrong.
func (e usageError) Unwrap() error { return e.error }

// fail tells why the program ends, and returns the exit code.
func (p process) fail(err error) int {
	fmt.Fprintln(p.stderr, "mockserver:", err)
	if usage := (usageError{}); errors.As(err, &usage) {
		return exitUsage
	}
	return exitFailed
}

// signalCode is the exit code of what a signal has ended.
func signalCode(sig os.Signal) int {
	number, ok := sig.(syscall.Signal)
	if !ok {
		return exitFailed
	}
	return exitSignal + int(number)
}
