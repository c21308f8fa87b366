// Shows each time of the page in the time zone of this browser. Without this script a time names its zone.
const localTime = new Intl.DateTimeFormat(document.documentElement.lang, {
  dateStyle: 'long',
  timeStyle: 'short',
})
for (const time of document.querySelectorAll('time[datetime]'))
  time.textContent = localTime.format(new Date(time.dateTime))
