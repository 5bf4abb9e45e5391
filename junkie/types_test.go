package junkie

import (
	"strings"
	"testing"
	"time"

	"github.com/stretchr/testify/assert"
)

var t0 = time.Date(2026, time.January, 2, 3, 4, 5, 0, time.UTC)

func TestStatusAndUsable(t *testing.T) {
	t.Parallel()
	for name, test := range map[string]struct {
		key    Key
		status Status
		usable bool
	}{
		"new":                         {Key{}, StatusActive, true},
		"new, runs out later":         {Key{ExpiresAt: t0.Add(1)}, StatusActive, true},
		"new, runs out now":           {Key{ExpiresAt: t0}, StatusExpired, false},
		"new, ran out":                {Key{ExpiresAt: t0.Add(-1)}, StatusExpired, false},
		"new, clock not started":      {Key{Validity: time.Hour, ExpiryOnFirstUse: true}, StatusActive, true},
		"new, one-time":               {Key{OneTimeUse: true}, StatusActive, true},
		"used":                        {Key{UsedAt: t0}, StatusUsed, true},
		"used, runs out later":        {Key{UsedAt: t0, ExpiresAt: t0.Add(1)}, StatusUsed, true},
		"used, ran out":               {Key{UsedAt: t0, ExpiresAt: t0}, StatusExpired, false},
		"used, one-time":              {Key{UsedAt: t0, OneTimeUse: true}, StatusUsed, false},
		"used, one-time, ran out":     {Key{UsedAt: t0, OneTimeUse: true, ExpiresAt: t0}, StatusExpired, false},
		"switched off":                {Key{Invalidated: true}, StatusInvalidated, false},
		"switched off, used, ran out": {Key{Invalidated: true, UsedAt: t0, ExpiresAt: t0}, StatusInvalidated, false},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			assert.Equal(t, test.status, test.key.Status(t0))
			assert.Equal(t, test.usable, test.key.Usable(t0))
			assert.Equal(t, strings.Contains(name, "now") || strings.Contains(name, "ran out"), test.key.Expired(t0))
		})
	}
}

func TestKeyRef(t *testing.T) {
	t.Parallel()
	assert.Equal(t, ID(7), (&Key{ID: 7, Value: "v"}).Ref())
	assert.Equal(t, Value("v"), (&Key{Value: "v"}).Ref())
	assert.Equal(t, KeyRef{}, (&Key{}).Ref())
}
