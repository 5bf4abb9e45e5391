package main

import (
	"bytes"
	"encoding/csv"
	"errors"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"time"
)

// Issued is one row of the output: one license that there is.
type Issued struct {
	OrderID   string
	LicenseID string
	Key       string
	Expires   time.Time // zero = never, or not before it is used
	Note      string    // "found": it was seen at the vendor, when the call that had issued it was over
}

var outputColumns = []string{"order_id", "license_id", "key", "expires", "note"}

// Output is the file of licenses. It only ever grows, and what Append has taken is
// on the disk: a run that starts again reads there what is done already.
type Output struct {
	file   *os.File
	rows   map[string]Issued
	broken error // why nothing is written any more
}

// OpenOutput reads a file, or begins one. It is as private as the keys in it.
func OpenOutput(path string) (*Output, error) {
	file, err := os.OpenFile(path, os.O_RDWR|os.O_CREATE, 0o600)
	if err != nil {
		return nil, err
	}
	o := &Output{file: file, rows: map[string]Issued{}}
	if err := o.read(); err != nil {
		return nil, fmt.Errorf("%s: %w", path, errors.Join(err, file.Close()))
	}
	if folder, err := os.Open(filepath.Dir(path)); err == nil {
		_ = folder.Sync() // the file's name is on the disk, too; not every system can do that
		_ = folder.Close()
	}
	return o, nil
}

// read takes in all rows. A line that has no end was being written when the program
// died: it is cut off, and its license is found again at the vendor. Any other line
// that makes no sense is an error.
func (o *Output) read() error {
	content, err := io.ReadAll(o.file)
	if err != nil {
		return err
	}
	whole := content[:bytes.LastIndexByte(content, '\n')+1]
	if err := o.file.Truncate(int64(len(whole))); err != nil {
		return err
	}
	if _, err := o.file.Seek(int64(len(whole)), io.SeekStart); err != nil {
		return err
	}
	if len(whole) == 0 {
		return o.write([][]string{outputColumns})
	}
	records, err := csv.NewReader(bytes.NewReader(whole)).ReadAll()
	if err != nil {
		return fmt.Errorf("%w: mend it by hand", err)
	}
	if !slices.Equal(records[0], outputColumns) {
		return fmt.Errorf("the first line is not %q: this is no file that this program has written", strings.Join(outputColumns, ","))
	}
	for n, record := range records[1:] {
		row := Issued{OrderID: record[0], LicenseID: record[1], Key: record[2], Note: record[4]}
		if record[3] != "" {
			if row.Expires, err = time.Parse(time.RFC3339, record[3]); err != nil {
				return fmt.Errorf("row %d: %w", n+1, err)
			}
		}
		if before, seen := o.rows[row.OrderID]; seen && before.LicenseID != row.LicenseID {
			return fmt.Errorf("row %d: order %s has another license in a row before", n+1, row.OrderID)
		}
		o.rows[row.OrderID] = row
	}
	return nil
}

// Row returns what is written of an order, and whether anything is.
func (o *Output) Row(orderID string) (Issued, bool) {
	row, done := o.rows[orderID]
	return row, done
}

// Append writes rows, which are on the disk when it returns. After a failure nobody
// knows what is there, so that every later Append fails, too.
func (o *Output) Append(rows ...Issued) error {
	var records [][]string
	for _, row := range rows {
		expires := ""
		if !row.Expires.IsZero() {
			expires = row.Expires.UTC().Format(time.RFC3339)
		}
		records = append(records, []string{row.OrderID, row.LicenseID, row.Key, expires, row.Note})
	}
	if err := o.write(records); err != nil {
		return err
	}
	for _, row := range rows {
		o.rows[row.OrderID] = row
	}
	return nil
}

func (o *Output) write(records [][]string) error {
	if o.broken != nil {
		return o.broken
	}
	var lines bytes.Buffer
	err := csv.NewWriter(&lines).WriteAll(records)
	if err == nil {
		_, err = o.file.Write(lines.Bytes())
	}
	if err == nil {
		err = o.file.Sync()
	}
	if err != nil {
		o.broken = fmt.Errorf("keys are written no more: %w", err)
	}
	return o.broken
}

// Close closes the file.
func (o *Output) Close() error { return o.file.Close() }
