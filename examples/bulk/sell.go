package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"os"
	"slices"
	"strings"

	"github.com/keysmith-go/keysmith/keygen"
)

// sell issues the licenses of one file of orders, and returns the exit code.
func sell(ctx, stop context.Context, line commandLine, stdout, stderr io.Writer) int {
	complain := func(err error) int {
		fmt.Fprintln(stderr, "bulk:", err)
		return exitNothing
	}
	orders, err := readOrdersFile(line.Orders)
	if err != nil {
		return complain(err)
	}
	config := keygen.Config{
		Account:    os.Getenv("KEYGEN_ACCOUNT"),
		Credential: keygen.Token(os.Getenv("KEYGEN_TOKEN")),
		BaseURL:    os.Getenv("KEYGEN_BASE_URL"), // empty: the vendor; else a server of your own, say
	}
	if line.Mock != "" {
		mock, err := openMock(line.Mock, policiesOf(orders))
		if err != nil {
			return complain(err)
		}
		defer mock.save(stderr)
		config = mock.config()
	}
	code, err := issueFile(ctx, stop, config, orders, line.Licenses, line.Workers, stdout, stderr)
	if err != nil {
		fmt.Fprintln(stderr, "bulk:", err)
	}
	return code
}

func readOrdersFile(path string) ([]Order, error) {
	file, err := os.Open(path)
	if err != nil {
		return nil, err
	}
	defer func() { _ = file.Close() }()
	return ReadOrders(path, file)
}

// failuresPath is where the failures of a file of licenses are.
func failuresPath(licenses string) string {
	return strings.TrimSuffix(licenses, ".csv") + ".failed.csv"
}

// issueFile issues licenses for those orders that are not in the file of licenses,
// and tells what became of them.
func issueFile(ctx, stop context.Context, config keygen.Config, orders []Order, path string, workers int, stdout, stderr io.Writer) (code int, err error) {
	pacer := &Pacer{Reserve: workers}
	config.UserAgent = "bulk"
	config.OnAttempt = pacer.Seen
	config.Retry = keygen.RetryPolicy{MaxAttempts: 10, MaxRetryAfter: longestPause} // of which only harmless calls make use
	client, err := keygen.New(config)
	if err != nil {
		return exitNothing, err
	}
	account, err := checkPolicies(stop, client, orders)
	if err != nil {
		return exitNothing, err
	}
	output, err := OpenOutput(path)
	if err != nil {
		return exitNothing, err
	}
	defer func() { _ = output.Close() }()
	failures, err := NewFailures(failuresPath(path))
	if err != nil {
		return exitNothing, err
	}
	defer func() { _ = failures.Close() }()

	wanted, err := undone(orders, output, account)
	if err != nil {
		return exitNothing, err
	}
	terminal := isTerminal(stderr)
	progress, end := newProgress(stderr, terminal, len(orders), len(orders)-len(wanted))
	run := &Run{
		Licenses:  client.Licenses,
		AccountID: account,
		Workers:   workers,
		Pacer:     pacer,
		Save:      output.Append,
		Fail:      failures.Append,
		Progress:  progress,
		Say: func(format string, args ...any) {
			if terminal {
				fmt.Fprintln(stderr) // the bar stays above
			}
			fmt.Fprintf(stderr, format+"\n", args...)
		},
	}
	tally, err := run.Do(ctx, stop, wanted)
	end()
	fmt.Fprintf(stdout, "%d orders: %d had a license, %d issued, %d found, %d failed, %d left\n",
		len(orders), len(orders)-len(wanted), tally.Issued, tally.Found, tally.Failed, tally.Left)
	if tally.Failed > 0 {
		fmt.Fprintln(stdout, "what failed, and what to do, is in", failures.path)
	}
	switch {
	case tally.Left > 0:
		return exitStopped, fmt.Errorf("run this again, since not all orders were tried: %w", err)
	case err != nil:
		return exitStopped, err
	case tally.Failed > 0:
		return exitFailed, nil
	default:
		return exitDone, nil
	}
}

// checkPolicies makes sure that the policies of all orders are there and take what
// the orders bring, and returns the id of the account.
func checkPolicies(ctx context.Context, client *keygen.Client, orders []Order) (account string, err error) {
	var wrong []error
	for _, id := range policiesOf(orders) {
		policy, err := client.Policies.Get(ctx, id)
		switch {
		case errors.Is(err, keygen.ErrNotFound) && !errors.Is(err, keygen.ErrAccountNotFound):
			wrong = append(wrong, fmt.Errorf("there is no policy %s, which %s", id, linesOf(orders, id)))
		case err != nil:
			return "", err
		case policy.AccountID == "":
			return "", fmt.Errorf("the vendor does not tell the account of policy %s, which the ids of licenses are made of", id)
		case (policy.Scheme != "" || policy.Encrypted) && slices.ContainsFunc(orders, func(o Order) bool { return o.PolicyID == id && o.Key != "" }):
			wrong = append(wrong, fmt.Errorf("policy %s signs or encrypts its keys, so that an order cannot bring its own", id))
		default:
			account = policy.AccountID
		}
	}
	return account, errors.Join(wrong...)
}

// linesOf says which orders ask for a policy.
func linesOf(orders []Order, policyID string) string {
	first, count := 0, 0
	for _, order := range orders {
		if order.PolicyID == policyID {
			if count++; count == 1 {
				first = order.Line
			}
		}
	}
	return fmt.Sprintf("%d orders ask for, the first in line %d", count, first)
}

// undone returns the orders that are not in the output.
func undone(orders []Order, output *Output, account string) (wanted []Order, err error) {
	for _, order := range orders {
		row, done := output.Row(order.ID)
		switch {
		case !done:
			wanted = append(wanted, order)
		case row.LicenseID != order.LicenseID(account):
			return nil, fmt.Errorf("the file of licenses is another account's: order %s has the license %s there, which is none of this account's", order.ID, row.LicenseID)
		}
	}
	return wanted, nil
}
