package main

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"strconv"
	"strings"
	"time"

	"github.com/keysmith-go/keysmith/junkie"
)

// serve takes webhooks until the context ends, and sells through Junkie.
func serve(ctx context.Context, listener net.Listener) error {
	secret, err := base64.StdEncoding.DecodeString(strings.TrimPrefix(os.Getenv("WEBHOOK_SECRET"), "whsec_"))
	if err != nil || len(secret) < 16 {
		return errors.New("WEBHOOK_SECRET must be the webhook's secret as the payment provider shows it, at least 16 bytes in base64")
	}
	providerID, err := strconv.ParseInt(os.Getenv("JUNKIE_PROVIDER_ID"), 10, 64)
	if err != nil {
		return fmt.Errorf("JUNKIE_PROVIDER_ID must be the number of a provider: %w", err)
	}
	client, err := junkie.New(junkie.Config{
		APIKey:  os.Getenv("JUNKIE_API_KEY"),
		BaseURL: os.Getenv("JUNKIE_BASE_URL"), // empty: the vendor; else a mock, say
	})
	if err != nil {
		return err
	}
	path := os.Getenv("ORDERS")
	if path == "" {
		return errors.New("ORDERS must be the path of the journal of orders")
	}
	// The listener is open already, so that of two programs on one machine the
	// second gets no further than that.
	journal, err := OpenJournal(path)
	if err != nil {
		return err
	}
	defer journal.Close()

	shop := &Shop{
		Seller: &JunkieSeller{Keys: client.Keys, ProviderID: providerID, Validity: 30 * 24 * time.Hour},
		Store:  journal,
		Now:    time.Now,
	}
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))
	routes := http.NewServeMux()
	routes.Handle("POST /webhook", &Webhook{Shop: shop, Secret: secret, Log: log})
	server := &http.Server{Handler: routes, ReadTimeout: 10 * time.Second}

	resumed := make(chan struct{})
	go func() {
		defer close(resumed)
		resume(ctx, shop, log)
	}()
	stopped := make(chan error, 1)
	context.AfterFunc(ctx, func() {
		stopped <- server.Shutdown(context.Background()) // what has begun is brought to its end
	})
	if err := server.Serve(listener); !errors.Is(err, http.ErrServerClosed) {
		return err
	}
	<-resumed
	return <-stopped
}

// resume goes on with open orders, at once and then every minute.
func resume(ctx context.Context, shop *Shop, log *slog.Logger) {
	tick := time.NewTicker(time.Minute)
	defer tick.Stop()
	for {
		if err := shop.Resume(ctx); err != nil {
			log.Warn("orders wait", "reason", err)
		}
		select {
		case <-ctx.Done():
			return
		case <-tick.C:
		}
	}
}
