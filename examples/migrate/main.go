// Migrate moves keys from one vendor to another, from Junkie or LuaProt to Keygen:
// with the key that the customer has already, each once, and with a report of what
// cannot be carried over.
//
//	go run ./examples/migrate                                           # against the embedded mock
//	go run ./examples/migrate -from junkie -provider 7 -policy ID       # in earnest, and nothing is changed
//	go run ./examples/migrate -from junkie -provider 7 -policy ID -apply
//
// README.md tells the environment it needs.
package main

import (
	"cmp"
	"context"
	"errors"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"slices"
	"time"

	"github.com/keysmith-go/keysmith/junkie"
	"github.com/keysmith-go/keysmith/keygen"
	"github.com/keysmith-go/keysmith/luaprot"
)

// settings are what the program can be told.
type settings struct {
	from     string
	provider int64
	hub      string
	policy   string
	apply    bool
}

func main() {
	var s settings
	flag.StringVar(&s.from, "from", "", "the old vendor: junkie or luaprot; without, the program shows what it does, against the embedded mock")
	flag.Int64Var(&s.provider, "provider", 0, "the number of the provider whose keys move; for junkie")
	flag.StringVar(&s.hub, "hub", "", "the id of the hub whose keys move; for luaprot")
	flag.StringVar(&s.policy, "policy", "", "the id of Keygen's policy that they move to")
	flag.BoolVar(&s.apply, "apply", false, "move them; without, nothing is changed anywhere")
	flag.Parse()

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	defer stop()
	if err := run(ctx, os.Stdout, s); err != nil {
		fmt.Fprintln(os.Stderr, "migrate:", err)
		stop()
		os.Exit(1)
	}
}

// run reports what becomes of each key, and moves them if it is told to.
func run(ctx context.Context, out io.Writer, s settings) error {
	if s.from == "" {
		return story(ctx, out)
	}
	source, err := oldVendor(s)
	if err != nil {
		return err
	}
	client, err := keygen.New(keygen.Config{
		Account:    os.Getenv("KEYGEN_ACCOUNT"),
		Credential: keygen.Token(os.Getenv("KEYGEN_TOKEN")),
		BaseURL:    os.Getenv("KEYGEN_BASE_URL"), // empty, as below: the vendor; else a mock, say
		Retry:      keygen.RetryPolicy{MaxAttempts: 10},
	})
	if err != nil {
		return err
	}
	plans, err := Migrate(ctx, source, &ToKeygen{Client: client, PolicyID: s.policy}, s.apply)
	Report(out, plans, time.Now())
	if err == nil && !s.apply {
		fmt.Fprintln(out, "nothing was changed: -apply moves them")
	}
	if slices.ContainsFunc(plans, func(plan Plan) bool { return plan.Verdict == Refused }) {
		err = cmp.Or(err, errors.New("some keys were refused"))
	}
	return err
}

// oldVendor returns where the keys come from.
func oldVendor(s settings) (Source, error) {
	switch s.from {
	case "junkie":
		if s.provider <= 0 {
			return nil, errors.New("-provider has to be the number of a provider of Junkie")
		}
		client, err := junkie.New(junkie.Config{APIKey: os.Getenv("JUNKIE_API_KEY"), BaseURL: os.Getenv("JUNKIE_BASE_URL")})
		if err != nil {
			return nil, err
		}
		return FromJunkie(client.Keys, s.provider), nil
	case "luaprot":
		client, err := luaprot.New(luaprot.Config{APIKey: os.Getenv("LUAPROT_API_KEY"), BaseURL: os.Getenv("LUAPROT_BASE_URL")})
		if err != nil {
			return nil, err
		}
		return FromLuaProt(client, s.hub), nil
	default:
		return nil, fmt.Errorf("-from %s is none of the vendors that keys can move from: junkie, luaprot", s.from)
	}
}
