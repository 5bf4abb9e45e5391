module github.com/keysmith-go/keysmith

go 1.25
