package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/keysmith-go/keysmith/junkie"
	"github.com/keysmith-go/keysmith/luaprot"
)

// readOnly shows what the vendors have, and changes nothing there.
func readOnly(ctx context.Context, out io.Writer) error {
	junkieKey, luaprotKey := os.Getenv("JUNKIE_API_KEY"), os.Getenv("LUAPROT_API_KEY")
	if junkieKey == "" && luaprotKey == "" {
		return errors.New("-live needs an API key in JUNKIE_API_KEY or LUAPROT_API_KEY")
	}
	if junkieKey != "" {
		client, err := junkie.New(junkie.Config{APIKey: junkieKey})
		if err != nil {
			return err
		}
		if err := showJunkie(ctx, out, client); err != nil {
			return err
		}
	}
	if luaprotKey != "" {
		client, err := luaprot.New(luaprot.Config{APIKey: luaprotKey})
		if err != nil {
			return err
		}
		return showLuaProt(ctx, out, client)
	}
	return nil
}

// showJunkie prints the folders and the newest keys, without the keys' values.
func showJunkie(ctx context.Context, out io.Writer, client *junkie.Client) error {
	folders, err := client.Keys.Folders(ctx)
	if err != nil {
		return err
	}
	page, err := client.Keys.List(ctx, junkie.ListKeysParams{Limit: 10})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Junkie: %d folders, %d keys\n", len(folders), page.Total)
	for _, key := range page.Keys {
		fmt.Fprintf(out, "  key %d, %q, %s, created %s\n", key.ID, key.Name, key.Status(time.Now()), date(key.CreatedAt))
	}
	return nil
}

// showLuaProt prints the newest keys of all hubs, without the keys' values.
func showLuaProt(ctx context.Context, out io.Writer, client *luaprot.Client) error {
	page, err := client.Keys.List(ctx, luaprot.ListKeysParams{})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "LuaProt: %d keys\n", page.Total)
	for _, key := range page.Keys {
		fmt.Fprintf(out, "  key of hub %s, %q, usable: %t, created %s\n", key.HubID, key.Note, key.Usable(time.Now()), date(key.CreatedAt))
	}
	return nil
}
