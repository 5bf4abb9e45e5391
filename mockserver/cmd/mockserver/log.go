package main

import (
	"fmt"
	"io"
	"log/slog"
	"slices"
	"strings"
)

// logLevel is what is worth a line in the log.
type logLevel struct {
	off   bool
	least slog.Level
}

// logLevels are the names of the levels, from the one that says most.
var logLevels = []string{"debug", "info", "warn", "error", "off"}

// UnmarshalText reads the level.
func (l *logLevel) UnmarshalText(text []byte) error {
	name := string(text)
	if !slices.Contains(logLevels, name) {
		return fmt.Errorf("%q is none of %s", name, strings.Join(logLevels, ", "))
	}
	l.off = name == "off"
	if l.off {
		return nil
	}
	return l.least.UnmarshalText(text)
}

// logger writes the lines of a level and above.
func (s settings) logger(to io.Writer) *slog.Logger {
	if s.LogLevel.off {
		return slog.New(slog.DiscardHandler)
	}
	options := &slog.HandlerOptions{Level: s.LogLevel.least}
	if s.LogFormat == "json" {
		return slog.New(slog.NewJSONHandler(to, options))
	}
	return slog.New(slog.NewTextHandler(to, options))
}
