// A run of upgrades goes on by itself while its page is open; the button does the same without this.
document.querySelector("[data-go-on]")?.requestSubmit();
