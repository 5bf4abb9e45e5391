package main

import (
	"errors"
	"iter"
	"maps"
	"slices"
	"time"
)

// mostReadings bounds how often keys are read until nothing moves.
const mostReadings = 5

// readTwice reads all keys until two readings have the same ones, and returns them,
// the oldest first. Vendors page by position: a key that is deleted meanwhile makes
// another slip through, and one that is created makes another come twice.
func readTwice[K any](all iter.Seq2[*K, error], convert func(*K) Key) ([]Key, error) {
	var before []string
	for n := range mostReadings {
		var list []Key
		seen := map[string]bool{}
		for old, err := range all {
			if err != nil {
				return nil, err
			}
			if key := convert(old); !seen[key.ID+" "+key.Value] {
				seen[key.ID+" "+key.Value] = true
				list = append(list, key)
			}
		}
		var ids []string
		for _, key := range list {
			ids = append(ids, key.ID+" "+key.Value)
		}
		slices.Sort(ids)
		if n > 0 && slices.Equal(before, ids) {
			slices.Reverse(list) // vendors list the newest first
			return list, nil
		}
		before = ids
	}
	return nil, errors.New("keys come and go while they are read: do this when nothing is sold or deleted")
}

// notes leaves out what is empty.
func notes(all map[string]string) map[string]string {
	maps.DeleteFunc(all, func(_, value string) bool { return value == "" })
	return all
}

// stamp writes a time down; "" for none.
func stamp(t time.Time) string {
	if t.IsZero() {
		return ""
	}
	return t.UTC().Format(time.RFC3339)
}

func date(t time.Time) string { return t.UTC().Format(time.DateOnly) }
