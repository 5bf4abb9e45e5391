package wire

import (
	"bytes"
	"encoding/json"
	"strconv"
)

// Fields that read and write themselves are read and written twice by
// encoding/json. What they hold is mostly a plain text, number or flag, and of
// these the inner turn is spared here.

// blanks are what JSON allows around a value: fewer than package bytes calls space.
const blanks = " \t\r\n"

// decode is json.Unmarshal into a value that is zero.
func decode(data []byte, v any) error {
	switch v := v.(type) {
	case *string:
		if text, ok := plainText(data); ok || string(data) == "null" {
			*v = string(text)
			return nil
		}
	case *bool:
		switch string(data) {
		case "true", "false", "null":
			*v = data[0] == 't'
			return nil
		}
	case *[]string:
		if texts, ok := plainTexts(data); ok {
			*v = texts
			return nil
		}
	case interface{ UnmarshalJSON(data []byte) error }:
		return v.UnmarshalJSON(data)
	}
	return json.Unmarshal(data, v)
}

// encodePlain is JSON for what v points to, if that is plain; otherwise nil.
func encodePlain(v any) []byte {
	switch v := v.(type) {
	case *string:
		if quoted := strconv.AppendQuoteToASCII(nil, *v); len(quoted) == len(*v)+len(`""`) { // nothing is escaped
			return quoted
		}
	case *int64:
		return strconv.AppendInt(nil, *v, 10)
	case *bool:
		return strconv.AppendBool(nil, *v)
	}
	return nil
}

// plainTexts returns the texts of a JSON array, if they are plain and have no
// comma.
func plainTexts(data []byte) (texts []string, ok bool) {
	if len(data) < 2 || data[0] != '[' {
		return nil, false
	}
	texts = []string{}
	if string(data) == "[]" {
		return texts, true
	}
	for part := range bytes.SplitSeq(data[1:len(data)-1], []byte(",")) {
		text, ok := plainText(bytes.Trim(part, blanks))
		if !ok {
			return nil, false
		}
		texts = append(texts, string(text))
	}
	return texts, true
}

// plainText returns what is between the quotes of a JSON string in which every
// byte stands for itself. That spares most fields a second reading.
func plainText(data []byte) (text []byte, ok bool) {
	if len(data) < 2 || data[0] != '"' || data[len(data)-1] != '"' {
		return nil, false
	}
	text = data[1 : len(data)-1]
	for _, b := range text {
		if b < ' ' || b > '~' || b == '"' || b == '\\' {
			return nil, false
		}
	}
	return text, true
}
