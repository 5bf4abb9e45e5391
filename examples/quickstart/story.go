package main

import (
	"context"
	"fmt"
	"io"
	"time"

	"github.com/keysmith-go/keysmith/mockserver"
)

const day = 24 * time.Hour

// opening is when the shops open.
var opening = time.Date(2026, time.January, 1, 9, 0, 0, 0, time.UTC)

// story runs one shop after the other.
func story(ctx context.Context, out io.Writer) error {
	for _, shop := range []func(context.Context, io.Writer) error{junkieStory, luaprotStory, keygenStory, keycrateStory} {
		if err := shop(ctx, out); err != nil {
			return err
		}
	}
	return nil
}

// teller is what every shop needs to tell its story.
type teller struct {
	out    io.Writer
	server *mockserver.Server
}

func (t teller) say(format string, args ...any) { fmt.Fprintf(t.out, "  "+format+"\n", args...) }

func date(t time.Time) string { return t.Format(time.DateOnly) }
