package main

import (
	"bytes"
	"fmt"
	"io"
	"net/http"
	"os"
	"regexp"
	"strconv"
	"sync"
	"time"
)

const (
	cookieName = "vmware_soap_session"
	ended      = `<?xml version="1.0" encoding="UTF-8"?>
<soapenv:Envelope xmlns:soapenv="http://schemas.xmlsoap.org/soap/envelope/" xmlns:xsi="http://www.w3.org/2001/XMLSchema-instance">
<soapenv:Body><soapenv:Fault><faultcode>ServerFaultCode</faultcode><faultstring>%s</faultstring>
<detail><%sFault xmlns="urn:vim25" xsi:type="%s">%s</%sFault></detail></soapenv:Fault></soapenv:Body></soapenv:Envelope>`
	object = `<object type="Folder">group-d1</object><privilegeId>System.View</privilegeId>`
)

var called = regexp.MustCompile(`<(?:[A-Za-z]+:)?Body[^>]*>\s*<(?:[A-Za-z0-9]+:)?([A-Za-z_]+)`)

// misdeed is what is done to the calls of one method.
type misdeed struct {
	how     string
	seconds float64
}

// front stands before the simulator: it writes down who calls what, and does what it is told to do to it.
type front struct {
	behind http.Handler
	calls  *os.File

	lock     sync.Mutex
	misdeeds map[string]misdeed
	seen     map[string]bool
	dead     map[string]bool
}

func newFront(behind http.Handler, calls string) (*front, error) {
	file, err := os.OpenFile(calls, os.O_APPEND|os.O_CREATE|os.O_WRONLY, 0o600)
	return &front{
		behind: behind, calls: file, misdeeds: map[string]misdeed{}, seen: map[string]bool{}, dead: map[string]bool{},
	}, err
}

func (f *front) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	switch r.URL.Path {
	case "/lab/misbehave":
		f.misbehave(r)
		return
	case "/lab/end-sessions":
		f.endSessions()
		return
	}
	body, err := io.ReadAll(r.Body)
	if err != nil {
		return
	}
	method := "?"
	if match := called.FindSubmatch(body); match != nil {
		method = string(match[1])
	}
	r.Body = io.NopCloser(bytes.NewReader(body))
	f.lock.Lock()
	fmt.Fprintf(f.calls, "%s\t%s\n", r.UserAgent(), method)
	done := f.misdeeds[method]
	session := ""
	if cookie, err := r.Cookie(cookieName); err == nil {
		session = cookie.Value
		f.seen[session] = true
	}
	dead := f.dead[session]
	f.lock.Unlock()
	if dead && method != "Login" && method != "RetrieveServiceContent" {
		writeFault(w, "The session is not authenticated.", "NotAuthenticated", object)
		return
	}
	f.answer(w, r, done)
}

func (f *front) answer(w http.ResponseWriter, r *http.Request, done misdeed) {
	switch done.how {
	case "":
		f.behind.ServeHTTP(w, r)
	case "delay":
		time.Sleep(time.Duration(done.seconds * float64(time.Second)))
		f.behind.ServeHTTP(w, r)
	case "truncate":
		truncate(w, f.recorded(r))
	case "garbage":
		fmt.Fprint(w, "<html><body>It works!</body></html>")
	case "unavailable":
		w.WriteHeader(http.StatusServiceUnavailable)
	case "denied":
		writeFault(w, "Permission to perform this operation was denied.", "NoPermission", object)
	case "fault":
		writeFault(w, "A general system error occurred", "SystemError", "<reason>the lab</reason>")
	}
}

// truncate promises the whole answer and breaks off in its middle.
func truncate(w http.ResponseWriter, whole []byte) {
	connection, _, err := w.(http.Hijacker).Hijack()
	if err != nil {
		return
	}
	defer connection.Close()
	fmt.Fprintf(connection, "HTTP/1.1 200 OK\r\nContent-Type: text/xml\r\nContent-Length: %d\r\n\r\n", len(whole))
	_, _ = connection.Write(whole[:len(whole)/2])
}

func (f *front) recorded(r *http.Request) []byte {
	kept := &recorder{header: http.Header{}}
	f.behind.ServeHTTP(kept, r)
	return kept.body.Bytes()
}

func (f *front) misbehave(r *http.Request) {
	query := r.URL.Query()
	seconds, _ := strconv.ParseFloat(query.Get("seconds"), 64)
	f.lock.Lock()
	defer f.lock.Unlock()
	f.misdeeds[query.Get("method")] = misdeed{query.Get("how"), seconds}
}

func (f *front) endSessions() {
	f.lock.Lock()
	defer f.lock.Unlock()
	for session := range f.seen {
		f.dead[session] = true
	}
}

func writeFault(w http.ResponseWriter, text, kind, detail string) {
	w.WriteHeader(http.StatusInternalServerError)
	fmt.Fprintf(w, ended, text, kind, kind, detail, kind)
}

type recorder struct {
	header http.Header
	body   bytes.Buffer
}

func (r *recorder) Header() http.Header            { return r.header }
func (r *recorder) Write(some []byte) (int, error) { return r.body.Write(some) }
func (r *recorder) WriteHeader(int)                {}
