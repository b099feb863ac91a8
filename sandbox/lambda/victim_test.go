package lambda

import (
	"context"
	"encoding/base64"
	"encoding/json"
	"fmt"
	"net/http"
	"net/http/httptest"
	"os"
	"strings"
)

// victimVariable makes the test binary a sandbox that is about to be killed: it names the zip of its function.
const victimVariable = "STEPTRACE_TEST_VICTIM"

// beVictim runs a function, prints its process id and waits for its end.
func beVictim(zip string) {
	pid, err := runVictim(zip)
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		os.Exit(1)
	}
	fmt.Println(pid)
	select {}
}

func runVictim(zip string) (int, error) {
	archive, err := os.ReadFile(zip)
	if err != nil {
		return 0, err
	}
	s, err := New(Config{Dir: zip + ".code", Region: "eu-west-1", AccountID: "123456789012"})
	if err != nil {
		return 0, err
	}
	create := fmt.Sprintf(`{"FunctionName":"f","Runtime":"provided.al2023","Handler":"h","Role":%q,"Code":{"ZipFile":%q}}`,
		role, base64.StdEncoding.EncodeToString(archive))
	w := httptest.NewRecorder()
	s.ServeHTTP(w, httptest.NewRequest(http.MethodPost, "/2015-03-31/functions", strings.NewReader(create)))
	if w.Code != http.StatusCreated {
		return 0, fmt.Errorf("create: %s", w.Body)
	}
	out, err := s.Invoke(context.Background(), InvokeInput{FunctionARN: "f", Payload: action{Do: "about"}.json()})
	if err != nil {
		return 0, err
	}
	var a about
	err = json.Unmarshal(out.Payload, &a)
	return a.PID, err
}
