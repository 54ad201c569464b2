// A button on every terminal copies the command that was typed, not what it printed.
for (const command of document.querySelectorAll(".t-command")) {
  const button = document.createElement("button");
  button.type = "button";
  button.textContent = "copy";
  button.addEventListener("click", async () => {
    await navigator.clipboard.writeText(command.dataset.command);
    button.textContent = "copied";
    setTimeout(() => (button.textContent = "copy"), 1500);
  });
  command.append(button);
}
