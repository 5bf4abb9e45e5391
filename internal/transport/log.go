package transport

import (
	"log/slog"
	"time"
)

// report tells the hook and the log of one attempt. The log names only what is
// listed here; neither headers nor texts of the vendor are among it.
func (c *call) report(v verdict, took time.Duration) {
	if c.client.logger != nil {
		c.log(v, took)
	}
	if c.client.onAttempt == nil {
		return
	}
	a := Attempt{
		Op:         c.req.Op,
		Number:     c.number,
		StatusCode: v.status,
		Header:     c.hide().header(v.header),
		Wait:       c.wait,
		Duration:   took,
	}
	if c.failure != nil {
		a.Err = c.failure
	}
	c.client.onAttempt(c.ctx, a)
}

func (c *call) log(v verdict, took time.Duration) {
	level, text := slog.LevelDebug, "attempt succeeded"
	if c.failure != nil {
		level, text = slog.LevelWarn, "attempt failed"
	}
	if !c.client.logger.Enabled(c.ctx, level) {
		return
	}
	op := c.req.Op
	attrs := []slog.Attr{
		slog.String("vendor", c.client.vendor),
		slog.String("op", op.ID),
		slog.String("method", op.Method),
		slog.String("path", op.Path),
		slog.Int("attempt", c.number),
		slog.Int("status", v.status),
		slog.Duration("duration", took),
	}
	if c.failure != nil {
		attrs = append(attrs,
			slog.Duration("wait", c.wait),
			slog.String("outcome", c.outcome.String()),
			slog.String("kind", v.situation.String()))
	}
	c.client.logger.LogAttrs(c.ctx, level, text, attrs...)
}
