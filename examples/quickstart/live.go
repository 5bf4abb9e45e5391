package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"time"

	"github.com/keysmith-go/keysmith/junkie"
	"github.com/keysmith-go/keysmith/keycrate"
	"github.com/keysmith-go/keysmith/keygen"
	"github.com/keysmith-go/keysmith/luaprot"
)

// readOnly shows what the vendors have, and changes nothing there.
func readOnly(ctx context.Context, out io.Writer) error {
	junkieKey, luaprotKey := os.Getenv("JUNKIE_API_KEY"), os.Getenv("LUAPROT_API_KEY")
	keygenToken, keycrateKey := os.Getenv("KEYGEN_TOKEN"), os.Getenv("KEYCRATE_API_KEY")
	if junkieKey == "" && luaprotKey == "" && keygenToken == "" && keycrateKey == "" {
		return errors.New("-live needs a credential in JUNKIE_API_KEY, LUAPROT_API_KEY, KEYGEN_TOKEN or KEYCRATE_API_KEY")
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
		if err := showLuaProt(ctx, out, client); err != nil {
			return err
		}
	}
	if keygenToken != "" {
		client, err := keygen.New(keygen.Config{Account: os.Getenv("KEYGEN_ACCOUNT"), Credential: keygen.Token(keygenToken)})
		if err != nil {
			return err
		}
		if err := showKeygen(ctx, out, client); err != nil {
			return err
		}
	}
	if keycrateKey != "" {
		client, err := keycrate.New(keycrate.Config{APIKey: keycrateKey})
		if err != nil {
			return err
		}
		return showKeycrate(ctx, out, client, os.Getenv("KEYCRATE_APP_ID"))
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

// showKeygen prints the newest keys of all pools, without their strings.
func showKeygen(ctx context.Context, out io.Writer, client *keygen.Client) error {
	page, err := client.Keys.List(ctx, keygen.ListKeysParams{Page: 1})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Keygen: %d keys in pools\n", page.Count)
	for _, key := range page.Items {
		fmt.Fprintf(out, "  key %s of policy %s, created %s\n", key.ID, key.PolicyID, date(key.CreatedAt))
	}
	return nil
}

// showKeycrate prints the subscriptions of an app and its newest licenses,
// without their keys.
func showKeycrate(ctx context.Context, out io.Writer, client *keycrate.Client, appID string) error {
	subscriptions, err := client.Subscriptions.List(ctx, appID)
	if err != nil {
		return err
	}
	page, err := client.Licenses.List(ctx, keycrate.ListLicensesParams{AppID: appID, PerPage: 10})
	if err != nil {
		return err
	}
	fmt.Fprintf(out, "Keycrate: %d subscriptions, %d licenses\n", len(subscriptions), page.Total)
	for _, license := range page.Licenses {
		fmt.Fprintf(out, "  license %s, %q, usable: %t, created %s\n", license.ID, license.Tags, license.Usable(time.Now()), date(license.CreatedAt))
	}
	return nil
}
