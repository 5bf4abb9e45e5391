package main

import (
	"cmp"
	"errors"
	"fmt"
	"io"
	"reflect"
	"runtime/debug"
	"slices"
	"strings"
	"time"

	"github.com/alecthomas/kong"
)

// commandLine is what the program can be told. Every flag can be given as a
// variable of the environment, too; see variable.
type commandLine struct {
	Serve  serveCommand  `cmd:"" default:"withargs" set:"listen=127.0.0.1:5397" help:"Serve until a signal comes: what happens without a command, too."`
	Exec   execCommand   `cmd:"" set:"listen=127.0.0.1:0" help:"Serve while a program runs, which finds in its environment how to reach the vendors."`
	Health healthCommand `cmd:"" set:"listen=127.0.0.1:5397" help:"Ask a running server whether it is well: 0 says yes."`

	Version kong.VersionFlag `help:"Show the version and stop."`
}

type serveCommand struct {
	Settings settings `embed:""`
}

type execCommand struct {
	Settings settings `embed:""`

	Command []string `arg:"" optional:"" passthrough:"" help:"The program and its arguments. -- before it keeps them apart from the flags."`
}

// settings are those of a server, whatever it serves for.
type settings struct {
	Listen    string `placeholder:"ADDRESS" default:"${listen}" help:"Address to listen on, ${default} by default; port 0 takes a free one. If other machines reach it, --admin-token is needed."`
	ReadyFile string `placeholder:"FILE" help:"Write the URL into this file once it can be called, and remove the file at the end."`

	Seed       string `placeholder:"FILE" help:"Begin with what this file describes, in YAML or, if its name ends in .json, in JSON; demo is a built-in one."`
	Time       moment `placeholder:"TIME" help:"Start the clock at this time, such as 2026-03-01T12:00:00Z; by default at the real one."`
	Frozen     bool   `help:"Let the clock stand still until it is moved."`
	RandomSeed uint64 `placeholder:"N" default:"1" help:"Draw ids and keys from this number, ${default} by default."`
	Journal    int    `placeholder:"N" default:"10000" help:"Keep so many requests in the journal, ${default} by default."`
	RateLimits string `enum:"off,documented" default:"off" placeholder:"LIMITS" help:"${default}, by default, or documented: limit callers as far as the vendors publish figures."`
	Fault      lines  `placeholder:"SPEC" help:"Put a fault in place, such as op=junkie.createKey,phase=afterCommit,action=connReset,times=1. May be repeated; the variable has one a line."`

	Strict    bool     `help:"End with 3 instead of 0 if a caller sent something in vain, or a fault never fired, and say which on the standard error."`
	LogLevel  logLevel `placeholder:"LEVEL" default:"warn" help:"Log to the standard error from this level on: debug (calls of the control plane), info (requests), warn (what was sent in vain), error, or off; ${default} by default."`
	LogFormat string   `enum:"text,json" default:"text" placeholder:"FORMAT" help:"Log as text or as json, ${default} by default."`

	AllowHost  []string `placeholder:"NAME" help:"Let the control plane answer for this host name, too, such as that of a container. May be repeated, or have commas."`
	AdminToken string   `placeholder:"TOKEN" help:"Let the control plane answer only who sends this token. The variable keeps it out of the list of processes."`
}

// moment is a time as a flag has it; zero: none.
type moment time.Time

// UnmarshalText reads the time.
func (m *moment) UnmarshalText(text []byte) error {
	read, err := time.Parse(time.RFC3339, string(text))
	if err != nil {
		return fmt.Errorf("%q is no time such as 2026-03-01T12:00:00Z", text)
	}
	*m = moment(read)
	return nil
}

// lines are the values of a flag that may have any character in them but the end
// of a line, which stands between them in the variable.
type lines []string

// Decode adds the values that one flag or its variable has.
func (l *lines) Decode(ctx *kong.DecodeContext) error {
	var text string
	if err := ctx.Scan.PopValueInto("value", &text); err != nil {
		return err
	}
	for line := range strings.Lines(text) {
		if line = strings.TrimSpace(line); line != "" {
			*l = append(*l, line)
		}
	}
	return nil
}

// variable is the twin of a flag in the environment.
func variable(flag string) string {
	return "MOCKSERVER_" + strings.ToUpper(strings.ReplaceAll(flag, "-", "_"))
}

// told is what the program has been told: by flags, by variables where there
// was no flag, and by defaults.
type told struct {
	commandLine
	command   string            // the first word of what it is to do; empty: there is nothing more to do
	variables map[string]string // flags for which a variable stood, and which
}

// from names where the value of a flag came from.
func (t *told) from(flag string) string {
	if name, ok := t.variables[flag]; ok {
		return name
	}
	return "--" + flag
}

// parse reads the command line and the environment.
func parse(args []string, environ map[string]string, stdout, stderr io.Writer) (*told, error) {
	t := &told{variables: map[string]string{}}
	stopped := false
	var refused error
	parser, err := kong.New(&t.commandLine,
		kong.Name("mockserver"),
		kong.Vars{"version": "mockserver " + version()},
		kong.Writers(stdout, stderr),
		kong.Exit(func(int) { stopped = true }), // help or version has been shown
		kong.Help(help),
		kong.Resolvers(kong.ResolverFunc(func(_ *kong.Context, _ *kong.Path, flag *kong.Flag) (value any, err error) {
			value, err = t.resolve(flag, environ)
			refused = cmp.Or(refused, err)
			return value, err
		})),
	)
	if err != nil {
		panic(err) // the tags are wrong
	}
	context, err := parser.Parse(args)
	switch {
	case stopped:
		return t, nil
	case refused != nil:
		return nil, refused // without the flag, which nobody has used
	case err != nil:
		return nil, readable(err)
	}
	t.command, _, _ = strings.Cut(context.Command(), " ")
	return t, nil
}

// readable puts what the parser says of a flag that lacks its value into words. One
// that looks like a flag is not repeated: a token may.
func readable(err error) error {
	flag, rest, found := strings.Cut(err.Error(), ": ")
	switch {
	case !found || !strings.HasPrefix(flag, "--"):
		return err
	case strings.Contains(rest, "EOL"):
		return errors.New(flag + " needs a value")
	case strings.Contains(rest, "perhaps try"):
		return fmt.Errorf("%s needs a value, and what follows looks like a flag; write %s=VALUE if it is meant", flag, flag)
	default:
		return err
	}
}

// resolve finds the variable that stands for a flag. An empty one is as good as
// none.
func (t *told) resolve(flag *kong.Flag, environ map[string]string) (any, error) {
	name := variable(flag.Name)
	value := environ[name]
	if value == "" || flag.Name == "help" || flag.Name == "version" {
		return nil, nil
	}
	trial := reflect.New(flag.Target.Type()).Elem()
	scan := kong.Scan().PushTyped(value, kong.FlagValueToken)
	if err := flag.Mapper.Decode(&kong.DecodeContext{Value: flag.Value, Scan: scan}, trial); err != nil {
		return nil, fmt.Errorf("%s: %w", name, err)
	}
	if choices := flag.EnumSlice(); flag.Enum != "" && !slices.Contains(choices, value) {
		return nil, fmt.Errorf("%s must be one of %s but got %q", name, strings.Join(choices, ", "), value)
	}
	t.variables[flag.Name] = name
	return value, nil
}

// version is that of the module, as the program was built from it.
func version() string {
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return "unknown"
	}
	return info.Main.Version
}

// environment is a list of "NAME=value" as a map.
func environment(list []string) map[string]string {
	found := map[string]string{}
	for _, entry := range list {
		name, value, _ := strings.Cut(entry, "=")
		found[name] = value
	}
	return found
}
