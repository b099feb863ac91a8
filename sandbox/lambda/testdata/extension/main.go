// Command extension is the external extension of the tests: it appends the events it gets to the file EVENTS, and ends
// at the SHUTDOWN.
package main

import (
	"fmt"
	"io"
	"net/http"
	"os"
	"path/filepath"
	"strings"
)

func main() {
	base := "http://" + os.Getenv("AWS_LAMBDA_RUNTIME_API") + "/2020-01-01/extension"
	register, _ := http.NewRequest(http.MethodPost, base+"/register", strings.NewReader(`{"events":["INVOKE","SHUTDOWN"]}`))
	register.Header.Set("Lambda-Extension-Name", filepath.Base(os.Args[0]))
	response, err := http.DefaultClient.Do(register)
	if err != nil || response.StatusCode != http.StatusOK {
		fmt.Println("register:", err, response)
		os.Exit(1)
	}
	body, _ := io.ReadAll(response.Body)
	record(string(body))
	_ = os.WriteFile(os.Getenv("EVENTS")+".pid", fmt.Append(nil, os.Getpid()), 0o600)
	id := response.Header.Get("Lambda-Extension-Identifier")
	for {
		next, _ := http.NewRequest(http.MethodGet, base+"/event/next", nil)
		next.Header.Set("Lambda-Extension-Identifier", id)
		response, err := http.DefaultClient.Do(next)
		if err != nil {
			os.Exit(1)
		}
		body, _ := io.ReadAll(response.Body)
		record(string(body))
		if strings.Contains(string(body), `"SHUTDOWN"`) {
			return
		}
	}
}

func record(line string) {
	file, err := os.OpenFile(os.Getenv("EVENTS"), os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	if err != nil {
		panic(err)
	}
	fmt.Fprintln(file, line)
	_ = file.Close()
}
